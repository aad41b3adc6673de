// Child processes, this process, and threads.

#include "Private.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

extern char **environ;

// In the child, between fork and exec: only what a signal handler may call.
static void become(const leasehold_spawn_options *options, pid_t parent, int report) {
    const int wanted[3] = {options->input, options->output, options->error};
    for (int target = 0; target < 3; target++) {
        if (wanted[target] >= 0 && dup2(wanted[target], target) < 0) goto failed;
    }
    if (options->own_session && setsid() < 0) goto failed;
    if (options->own_group && !options->own_session && setpgid(0, 0) < 0) goto failed;
    if (options->directory != NULL && chdir(options->directory) < 0) goto failed;
#ifdef __linux__
    if (options->dies_with_parent) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) goto failed;
        // The parent may have died before the kernel was told to watch it.
        if (getppid() != parent) _exit(127);
    }
#endif
    // Blocked and ignored signals are handed on through exec; a program expects to begin without.
    for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    execve(options->executable, options->arguments, options->environment ? options->environment : environ);
failed:;
    int error = errno;
    while (write(report, &error, sizeof error) < 0 && errno == EINTR) {}
    _exit(127);
}

int32_t leasehold_spawn(const leasehold_spawn_options *options) {
    int report[2];
#ifdef __linux__
    if (pipe2(report, O_CLOEXEC) < 0) return -errno;
#else
    if (pipe(report) < 0) return -errno;
    fcntl(report[0], F_SETFD, FD_CLOEXEC);
    fcntl(report[1], F_SETFD, FD_CLOEXEC);
#endif
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) become(options, parent, report[1]);
    int error = child < 0 ? errno : 0;
    close(report[1]);
    if (child > 0) {
        // The pipe closes without a word when exec succeeds.
        ssize_t got;
        do got = read(report[0], &error, sizeof error);
        while (got < 0 && errno == EINTR);
        if (got > 0) {
            while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        } else {
            error = 0;
        }
    }
    close(report[0]);
    return error != 0 ? -error : child;
}

int32_t leasehold_reap(int32_t pid, int32_t wait, int32_t *code, int32_t *signal) {
    int status = 0;
    pid_t ended;
    do ended = waitpid(pid, &status, wait ? 0 : WNOHANG);
    while (ended < 0 && errno == EINTR);
    if (ended < 0) return -errno;
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    *signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return ended;
}

int32_t leasehold_kill(int32_t pid, int32_t signal) { return (int32_t)checked(kill(pid, signal)); }
int32_t leasehold_process_id(void) { return getpid(); }

#ifdef __linux__

long leasehold_executable_path(char *buffer, size_t capacity) {
    return checked(readlink("/proc/self/exe", buffer, capacity));
}

int64_t leasehold_resident_bytes(int32_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) return -(int64_t)errno;
    long long total = 0, resident = 0;
    int fields = fscanf(file, "%lld %lld", &total, &resident);
    fclose(file);
    return fields == 2 ? resident * sysconf(_SC_PAGESIZE) : -EIO;
}

#else

#include <mach-o/dyld.h>

long leasehold_executable_path(char *buffer, size_t capacity) {
    uint32_t size = (uint32_t)capacity;
    if (_NSGetExecutablePath(buffer, &size) != 0) return -ENAMETOOLONG;
    return (long)strlen(buffer);
}

int64_t leasehold_resident_bytes(int32_t pid) { return -ENOSYS; }

#endif

int32_t leasehold_working_directory(char *buffer, size_t capacity) {
    return getcwd(buffer, capacity) == NULL ? -errno : 0;
}

int32_t leasehold_host_name(char *buffer, size_t capacity) {
    int32_t result = (int32_t)checked(gethostname(buffer, capacity));
    buffer[capacity - 1] = 0;
    return result;
}

const char *leasehold_environment(const char *name) { return getenv(name); }
void leasehold_exit(int32_t code) { exit(code); }

typedef struct {
    char name[16];
    void (*body)(void *);
    void *context;
} thread_start;

static void *run_thread(void *raw) {
    thread_start start = *(thread_start *)raw;
    free(raw);
#ifdef __linux__
    pthread_setname_np(pthread_self(), start.name);
#else
    pthread_setname_np(start.name);
#endif
    start.body(start.context);
    return NULL;
}

int32_t leasehold_thread_start(const char *name, void (*body)(void *), void *context, uint64_t *thread) {
    thread_start *start = malloc(sizeof *start);
    if (start == NULL) return -ENOMEM;
    *start = (thread_start){.body = body, .context = context};
    snprintf(start->name, sizeof start->name, "%s", name);
    // Signals are for the thread that asked for them, which is never one of these.
    sigset_t every, before;
    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    pthread_t made;
    int failure = pthread_create(&made, NULL, run_thread, start);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure != 0) {
        free(start);
        return -failure;
    }
    *thread = (uint64_t)(uintptr_t)made;
    return 0;
}

int32_t leasehold_thread_join(uint64_t thread) { return -pthread_join((pthread_t)(uintptr_t)thread, NULL); }
void leasehold_thread_detach(uint64_t thread) { pthread_detach((pthread_t)(uintptr_t)thread); }

struct leasehold_monitor {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
};

leasehold_monitor *leasehold_monitor_create(void) {
    leasehold_monitor *monitor = malloc(sizeof *monitor);
    // Without memory for a lock there is nothing to go on with.
    if (monitor == NULL) abort();
    pthread_mutex_init(&monitor->mutex, NULL);
    pthread_cond_init(&monitor->condition, NULL);
    return monitor;
}

void leasehold_monitor_destroy(leasehold_monitor *monitor) {
    pthread_cond_destroy(&monitor->condition);
    pthread_mutex_destroy(&monitor->mutex);
    free(monitor);
}

void leasehold_monitor_lock(leasehold_monitor *monitor) { pthread_mutex_lock(&monitor->mutex); }
void leasehold_monitor_unlock(leasehold_monitor *monitor) { pthread_mutex_unlock(&monitor->mutex); }
void leasehold_monitor_wait(leasehold_monitor *monitor) { pthread_cond_wait(&monitor->condition, &monitor->mutex); }
void leasehold_monitor_signal(leasehold_monitor *monitor) { pthread_cond_broadcast(&monitor->condition); }
