// Files and directories.

#include "Private.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

int32_t leasehold_open(const char *path, int32_t flags, uint32_t mode) {
    int wanted = O_CLOEXEC | (flags & leasehold_open_write ? O_RDWR : O_RDONLY);
    if (flags & leasehold_open_create) wanted |= O_CREAT;
    if (flags & leasehold_open_exclusive) wanted |= O_EXCL;
    if (flags & leasehold_open_truncate) wanted |= O_TRUNC;
    if (flags & leasehold_open_append) wanted |= O_APPEND;
    if (flags & leasehold_open_directory) wanted |= O_DIRECTORY;
    return (int32_t)checked(open(path, wanted, (mode_t)mode));
}

long leasehold_read_at(int32_t descriptor, void *buffer, size_t count, int64_t offset) {
    return checked(pread(descriptor, buffer, count, offset));
}

long leasehold_write_at(int32_t descriptor, const void *buffer, size_t count, int64_t offset) {
    return checked(pwrite(descriptor, buffer, count, offset));
}

int32_t leasehold_sync_data(int32_t descriptor) {
#ifdef __linux__
    return (int32_t)checked(fdatasync(descriptor));
#else
    return leasehold_sync(descriptor);
#endif
}

int32_t leasehold_sync(int32_t descriptor) {
#ifdef F_FULLFSYNC
    // fsync alone leaves the bytes in the drive's own cache there.
    return (int32_t)checked(fcntl(descriptor, F_FULLFSYNC));
#else
    return (int32_t)checked(fsync(descriptor));
#endif
}

int32_t leasehold_allocate(int32_t descriptor, int64_t size) {
#ifdef __linux__
    return -posix_fallocate(descriptor, 0, size);
#else
    return leasehold_truncate(descriptor, size);
#endif
}

int32_t leasehold_truncate(int32_t descriptor, int64_t size) { return (int32_t)checked(ftruncate(descriptor, size)); }

int64_t leasehold_size(int32_t descriptor) {
    struct stat status;
    if (fstat(descriptor, &status) < 0) return -(int64_t)errno;
    return status.st_size;
}

int32_t leasehold_rename(const char *from, const char *to) { return (int32_t)checked(rename(from, to)); }

int32_t leasehold_rename_to_new(const char *from, const char *to) {
#ifdef __linux__
    int32_t result = (int32_t)checked(renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE));
#else
    int32_t result = (int32_t)checked(renamex_np(from, to, RENAME_EXCL));
#endif
    if (result != -EINVAL && result != -ENOSYS && result != -ENOTSUP) return result;
    // A file system without it may have a second name for a file, which is never put in place of another either.
    result = (int32_t)checked(link(from, to));
    return result < 0 ? result : (int32_t)checked(unlink(from));
}

long leasehold_link_target(const char *path, char *buffer, size_t capacity) {
    return checked(readlink(path, buffer, capacity));
}

int32_t leasehold_unlink(const char *path) { return (int32_t)checked(unlink(path)); }
int32_t leasehold_make_directory(const char *path, uint32_t mode) { return (int32_t)checked(mkdir(path, (mode_t)mode)); }
int32_t leasehold_remove_directory(const char *path) { return (int32_t)checked(rmdir(path)); }

int32_t leasehold_kind(const char *path) {
    struct stat status;
    if (stat(path, &status) < 0) return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
    return S_ISREG(status.st_mode) ? 1 : S_ISDIR(status.st_mode) ? 2 : 3;
}

int32_t leasehold_lock(int32_t descriptor) { return (int32_t)checked(flock(descriptor, LOCK_EX | LOCK_NB)); }

int64_t leasehold_free_bytes(const char *path) {
    struct statvfs status;
    if (statvfs(path, &status) < 0) return -(int64_t)errno;
    return (int64_t)status.f_bavail * (int64_t)status.f_frsize;
}

int32_t leasehold_list(const char *path, void *context, void (*visit)(void *context, const char *name)) {
    DIR *directory = opendir(path);
    if (directory == NULL) return -errno;
    struct dirent *entry;
    errno = 0;
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) visit(context, entry->d_name);
        errno = 0;
    }
    int32_t failure = errno;
    closedir(directory);
    return -failure;
}
