// Readiness, wake-ups, clocks, random bytes and signals.

#include "Private.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>

static struct epoll_event wanted(uint32_t interest, uint64_t data) {
    struct epoll_event event = {.data.u64 = data};
    if (interest & leasehold_event_readable) event.events |= EPOLLIN;
    if (interest & leasehold_event_writable) event.events |= EPOLLOUT;
    return event;
}

int32_t leasehold_poller_create(void) { return (int32_t)checked(epoll_create1(EPOLL_CLOEXEC)); }

int32_t leasehold_poller_add(int32_t poller, int32_t descriptor, uint32_t interest, uint64_t data) {
    struct epoll_event event = wanted(interest, data);
    return (int32_t)checked(epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event));
}

int32_t leasehold_poller_change(int32_t poller, int32_t descriptor, uint32_t interest, uint64_t data) {
    struct epoll_event event = wanted(interest, data);
    return (int32_t)checked(epoll_ctl(poller, EPOLL_CTL_MOD, descriptor, &event));
}

int32_t leasehold_poller_remove(int32_t poller, int32_t descriptor) {
    return (int32_t)checked(epoll_ctl(poller, EPOLL_CTL_DEL, descriptor, NULL));
}

enum { batch_max = 256 };

static int wait_for_events(int poller, struct epoll_event *events, int capacity, int64_t nanoseconds) {
    if (nanoseconds <= 0) return epoll_wait(poller, events, capacity, nanoseconds < 0 ? -1 : 0);
#ifdef SYS_epoll_pwait2
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    int count = (int)syscall(SYS_epoll_pwait2, poller, events, capacity, &timeout, NULL, 0);
    if (count >= 0 || errno != ENOSYS) return count;
#endif
    // Milliseconds, rounded up: a wait that ends early would be asked for again at once.
    int64_t milliseconds = nanoseconds / 1000000 + (nanoseconds % 1000000 != 0);
    return epoll_wait(poller, events, capacity, milliseconds > INT32_MAX ? INT32_MAX : (int)milliseconds);
}

int32_t leasehold_poller_wait(int32_t poller, leasehold_event *events, int32_t capacity, int64_t nanoseconds) {
    struct epoll_event batch[batch_max];
    int count = wait_for_events(poller, batch, capacity > batch_max ? batch_max : capacity, nanoseconds);
    if (count < 0) return -errno;
    for (int index = 0; index < count; index++) {
        uint32_t seen = batch[index].events, told = 0;
        if (seen & EPOLLIN) told |= leasehold_event_readable;
        if (seen & EPOLLOUT) told |= leasehold_event_writable;
        if (seen & (EPOLLERR | EPOLLHUP)) told |= leasehold_event_broken;
        events[index] = (leasehold_event){.data = batch[index].data.u64, .events = told};
    }
    return count;
}

int32_t leasehold_wake_up_create(void) { return (int32_t)checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

void leasehold_wake_up_signal(int32_t descriptor) {
    uint64_t one = 1;
    // Fails only when the counter is full, and then the sleeper is being woken anyway.
    while (write(descriptor, &one, sizeof one) < 0 && errno == EINTR) {}
}

void leasehold_wake_up_clear(int32_t descriptor) {
    uint64_t count;
    while (read(descriptor, &count, sizeof count) < 0 && errno == EINTR) {}
}

int32_t leasehold_random(void *buffer, size_t count) {
    uint8_t *next = buffer;
    while (count > 0) {
        ssize_t got = getrandom(next, count, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -errno;
        next += got;
        count -= (size_t)got;
    }
    return 0;
}

int32_t leasehold_signals_create(const int32_t *signals, int32_t count) {
    sigset_t set;
    sigemptyset(&set);
    for (int32_t index = 0; index < count; index++) sigaddset(&set, signals[index]);
    int failure = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (failure != 0) return -failure;
    return (int32_t)checked(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

int32_t leasehold_signals_next(int32_t descriptor) {
    struct signalfd_siginfo information;
    ssize_t got;
    do got = read(descriptor, &information, sizeof information);
    while (got < 0 && errno == EINTR);
    if (got < 0) return -errno;
    return got == sizeof information ? (int32_t)information.ssi_signo : -EIO;
}

#define STEADY_CLOCK CLOCK_BOOTTIME

#else

#include <stdlib.h>

int32_t leasehold_poller_create(void) { return -ENOSYS; }
int32_t leasehold_poller_add(int32_t p, int32_t d, uint32_t i, uint64_t u) { return -ENOSYS; }
int32_t leasehold_poller_change(int32_t p, int32_t d, uint32_t i, uint64_t u) { return -ENOSYS; }
int32_t leasehold_poller_remove(int32_t p, int32_t d) { return -ENOSYS; }
int32_t leasehold_poller_wait(int32_t p, leasehold_event *e, int32_t c, int64_t n) { return -ENOSYS; }
int32_t leasehold_wake_up_create(void) { return -ENOSYS; }
void leasehold_wake_up_signal(int32_t descriptor) {}
void leasehold_wake_up_clear(int32_t descriptor) {}
int32_t leasehold_signals_create(const int32_t *signals, int32_t count) { return -ENOSYS; }
int32_t leasehold_signals_next(int32_t descriptor) { return -ENOSYS; }

int32_t leasehold_random(void *buffer, size_t count) {
    arc4random_buf(buffer, count);
    return 0;
}

// On Darwin this clock goes on while the machine sleeps.
#define STEADY_CLOCK CLOCK_MONOTONIC

#endif

static uint64_t nanoseconds_of(clockid_t clock) {
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t leasehold_clock_steady(void) { return nanoseconds_of(STEADY_CLOCK); }
uint64_t leasehold_clock_wall(void) { return nanoseconds_of(CLOCK_REALTIME); }

void leasehold_sleep(int64_t nanoseconds) {
    struct timespec left = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    while (nanosleep(&left, &left) < 0 && errno == EINTR) {}
}

const int32_t leasehold_signal_terminate = SIGTERM;
const int32_t leasehold_signal_interrupt = SIGINT;
const int32_t leasehold_signal_child = SIGCHLD;
const int32_t leasehold_signal_hang_up = SIGHUP;
const int32_t leasehold_signal_kill = SIGKILL;
const int32_t leasehold_signal_stop = SIGSTOP;
const int32_t leasehold_signal_continue = SIGCONT;

void leasehold_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }
int32_t leasehold_raise(int32_t number) { return raise(number) == 0 ? 0 : -errno; }
