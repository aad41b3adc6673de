// Error numbers, their texts, and what every descriptor can do.

#include "Private.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

const int32_t leasehold_error_again = EAGAIN;
const int32_t leasehold_error_interrupted = EINTR;
const int32_t leasehold_error_in_progress = EINPROGRESS;
const int32_t leasehold_error_address_in_use = EADDRINUSE;
const int32_t leasehold_error_connection_refused = ECONNREFUSED;
const int32_t leasehold_error_connection_reset = ECONNRESET;
const int32_t leasehold_error_broken_pipe = EPIPE;
const int32_t leasehold_error_timed_out = ETIMEDOUT;
const int32_t leasehold_error_not_found = ENOENT;
const int32_t leasehold_error_exists = EEXIST;
const int32_t leasehold_error_no_space = ENOSPC;
const int32_t leasehold_error_quota = EDQUOT;
const int32_t leasehold_error_no_process = ESRCH;
const int32_t leasehold_error_no_child = ECHILD;
const int32_t leasehold_error_input_output = EIO;
const int32_t leasehold_error_invalid = EINVAL;
const int32_t leasehold_error_process_files = EMFILE;
const int32_t leasehold_error_system_files = ENFILE;
const int32_t leasehold_error_access = EACCES;

void leasehold_error_text(int32_t number, char *buffer, size_t capacity) {
#ifdef __GLIBC__
    const char *text = strerror_r(number, buffer, capacity);
    if (text != buffer) snprintf(buffer, capacity, "%s", text);
#else
    if (strerror_r(number, buffer, capacity) != 0) snprintf(buffer, capacity, "error %d", number);
#endif
}

// Never repeated after an interruption: the descriptor is gone either way, and may be somebody else's by then.
int32_t leasehold_close(int32_t descriptor) { return (int32_t)checked(close(descriptor)); }

long leasehold_read(int32_t descriptor, void *buffer, size_t count) { return checked(read(descriptor, buffer, count)); }

long leasehold_write(int32_t descriptor, const void *buffer, size_t count) {
    return checked(write(descriptor, buffer, count));
}

int32_t leasehold_wait_writable(int32_t descriptor) {
    struct pollfd wanted = {.fd = descriptor, .events = POLLOUT};
    return (int32_t)checked(poll(&wanted, 1, -1));
}

int32_t leasehold_is_terminal(int32_t descriptor) { return isatty(descriptor) == 1; }

long leasehold_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -(long)errno;
    if (limit.rlim_cur < limit.rlim_max) {
        struct rlimit wanted = limit;
        wanted.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &wanted) == 0) limit = wanted;
    }
    return limit.rlim_cur > INT32_MAX ? INT32_MAX : (long)limit.rlim_cur;
}
