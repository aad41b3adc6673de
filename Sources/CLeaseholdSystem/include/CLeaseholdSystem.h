// Everything that Leasehold asks of the kernel, in one place.
//
// Swift's import of the C library lacks much of what a server needs (epoll, eventfd, signalfd, accept4, prctl), and
// what differs between systems is told apart here and nowhere else. Every function that can fail returns the result,
// or the negative error number; none sets errno for its caller. What a system does not have answers -ENOSYS.

#pragma once

#include <stddef.h>
#include <stdint.h>

// Error numbers that the Swift side tells apart.
extern const int32_t leasehold_error_again;
extern const int32_t leasehold_error_interrupted;
extern const int32_t leasehold_error_in_progress;
extern const int32_t leasehold_error_address_in_use;
extern const int32_t leasehold_error_connection_refused;
extern const int32_t leasehold_error_connection_reset;
extern const int32_t leasehold_error_broken_pipe;
extern const int32_t leasehold_error_timed_out;
extern const int32_t leasehold_error_not_found;
extern const int32_t leasehold_error_exists;
extern const int32_t leasehold_error_no_space;
extern const int32_t leasehold_error_quota;
extern const int32_t leasehold_error_no_process;
extern const int32_t leasehold_error_no_child;
extern const int32_t leasehold_error_input_output;
extern const int32_t leasehold_error_invalid;
extern const int32_t leasehold_error_process_files;
extern const int32_t leasehold_error_system_files;
extern const int32_t leasehold_error_access;

// The text of an error number, written into the buffer with a zero behind it.
void leasehold_error_text(int32_t number, char *buffer, size_t capacity);

// Descriptors.
int32_t leasehold_close(int32_t descriptor);
long leasehold_read(int32_t descriptor, void *buffer, size_t count);
long leasehold_write(int32_t descriptor, const void *buffer, size_t count);
int32_t leasehold_wait_writable(int32_t descriptor);
int32_t leasehold_is_terminal(int32_t descriptor);
// The soft limit of open descriptors raised to the hard one; returns the limit in force.
long leasehold_raise_descriptor_limit(void);

// Sockets. Made non-blocking and close-on-exec; TCP_NODELAY is set on those of the internet families.
typedef struct {
    uint8_t bytes[128];
    uint32_t length;
} leasehold_address;

enum { leasehold_addresses_max = 8 };

// Numeric host and port into an address, without asking anybody. 0, or a negative error number.
int32_t leasehold_address_numeric(const char *host, uint16_t port, leasehold_address *address);
// Whether it stands for all addresses of a machine (0.0.0.0, [::] and the like): 1 or 0.
int32_t leasehold_address_is_any(const leasehold_address *address);
int32_t leasehold_address_unix(const char *path, leasehold_address *address);
// Names into addresses; may wait for a name server. Returns how many (at most capacity), or -1 with a text.
int32_t leasehold_resolve(
    const char *host, uint16_t port, leasehold_address *addresses, int32_t capacity, char *reason, size_t reason_size);
int32_t leasehold_listen(const leasehold_address *address, int32_t backlog);
// The port that a socket is bound to, zero for those without.
int32_t leasehold_bound_port(int32_t descriptor);
int32_t leasehold_accept(int32_t listener);
// Opens a socket and begins to connect it: the descriptor, with *pending 1 when the connection is under way.
int32_t leasehold_connect(const leasehold_address *address, int32_t *pending);
// After the socket became writable: 0 when connected, else the negative error number. A socket that met itself
// (possible when nobody listens on a local port of the ephemeral range) counts as refused.
int32_t leasehold_connect_result(int32_t descriptor);
int32_t leasehold_shutdown_writing(int32_t descriptor);
long leasehold_receive(int32_t descriptor, void *buffer, size_t count);
long leasehold_send(int32_t descriptor, const void *buffer, size_t count);

// Readiness.
typedef struct {
    uint64_t data;
    uint32_t events;
} leasehold_event;

enum { leasehold_event_readable = 1, leasehold_event_writable = 2, leasehold_event_broken = 4 };

int32_t leasehold_poller_create(void);
int32_t leasehold_poller_add(int32_t poller, int32_t descriptor, uint32_t interest, uint64_t data);
int32_t leasehold_poller_change(int32_t poller, int32_t descriptor, uint32_t interest, uint64_t data);
int32_t leasehold_poller_remove(int32_t poller, int32_t descriptor);
// Waits for at most so many nanoseconds, for ever when negative.
int32_t leasehold_poller_wait(int32_t poller, leasehold_event *events, int32_t capacity, int64_t nanoseconds);
int32_t leasehold_wake_up_create(void);
void leasehold_wake_up_signal(int32_t descriptor);
void leasehold_wake_up_clear(int32_t descriptor);

// Clocks: nanoseconds. The steady one counts the time in which the machine was suspended.
uint64_t leasehold_clock_steady(void);
uint64_t leasehold_clock_wall(void);
void leasehold_sleep(int64_t nanoseconds);

// Random bytes of the kernel.
int32_t leasehold_random(void *buffer, size_t count);

// Signals.
extern const int32_t leasehold_signal_terminate;
extern const int32_t leasehold_signal_interrupt;
extern const int32_t leasehold_signal_child;
extern const int32_t leasehold_signal_hang_up;
extern const int32_t leasehold_signal_kill;
extern const int32_t leasehold_signal_stop;
extern const int32_t leasehold_signal_continue;

// Blocks the signals for this thread and those that it starts; they arrive at the descriptor instead.
int32_t leasehold_signals_create(const int32_t *signals, int32_t count);
// The next signal's number, or -EAGAIN.
int32_t leasehold_signals_next(int32_t descriptor);
void leasehold_ignore_broken_pipes(void);
int32_t leasehold_raise(int32_t signal);

// Files. Descriptors are close-on-exec.
enum {
    leasehold_open_read = 0,
    leasehold_open_write = 1,
    leasehold_open_create = 2,
    leasehold_open_exclusive = 4,
    leasehold_open_truncate = 8,
    leasehold_open_append = 16,
    leasehold_open_directory = 32,
};
int32_t leasehold_open(const char *path, int32_t flags, uint32_t mode);
long leasehold_read_at(int32_t descriptor, void *buffer, size_t count, int64_t offset);
long leasehold_write_at(int32_t descriptor, const void *buffer, size_t count, int64_t offset);
int32_t leasehold_sync_data(int32_t descriptor);
int32_t leasehold_sync(int32_t descriptor);
int32_t leasehold_allocate(int32_t descriptor, int64_t size);
int32_t leasehold_truncate(int32_t descriptor, int64_t size);
int64_t leasehold_size(int32_t descriptor);
int32_t leasehold_rename(const char *from, const char *to);
// As above, but fails when there is something of that name.
int32_t leasehold_rename_to_new(const char *from, const char *to);
int32_t leasehold_unlink(const char *path);
// What a symbolic link names, without a zero behind it.
long leasehold_link_target(const char *path, char *buffer, size_t capacity);
int32_t leasehold_make_directory(const char *path, uint32_t mode);
int32_t leasehold_remove_directory(const char *path);
// 0 when nothing is there, 1 for a file, 2 for a directory, 3 for anything else.
int32_t leasehold_kind(const char *path);
// Takes the exclusive lock of an open file without waiting: 0, or -EAGAIN when another process has it.
int32_t leasehold_lock(int32_t descriptor);
int64_t leasehold_free_bytes(const char *path);
int32_t leasehold_list(const char *path, void *context, void (*visit)(void *context, const char *name));

// Processes.
typedef struct {
    const char *executable;
    char *const *arguments;
    // NULL: as this process.
    char *const *environment;
    // -1: as this process.
    int32_t input, output, error;
    // A process group of its own, so that the terminal's signals do not reach it.
    int32_t own_group;
    // A session of its own, and with it a group: no terminal's signal reaches it, and nobody waits for it.
    int32_t own_session;
    // Where relative paths start from; NULL: as this process.
    const char *directory;
    // Killed when the thread that started it ends, however that comes about (where the system can).
    int32_t dies_with_parent;
} leasehold_spawn_options;

int32_t leasehold_spawn(const leasehold_spawn_options *options);
// Without waiting: 0 while it runs, else its pid, with *code its exit code or *signal the signal that ended it.
int32_t leasehold_reap(int32_t pid, int32_t wait, int32_t *code, int32_t *signal);
int32_t leasehold_kill(int32_t pid, int32_t signal);
int32_t leasehold_process_id(void);
long leasehold_executable_path(char *buffer, size_t capacity);
int32_t leasehold_working_directory(char *buffer, size_t capacity);
int32_t leasehold_host_name(char *buffer, size_t capacity);
const char *leasehold_environment(const char *name);
void leasehold_exit(int32_t code) __attribute__((noreturn));
// Resident memory of a process in bytes.
int64_t leasehold_resident_bytes(int32_t pid);

// Threads, and a lock with a condition.
int32_t leasehold_thread_start(const char *name, void (*body)(void *), void *context, uint64_t *thread);
int32_t leasehold_thread_join(uint64_t thread);
// Instead of a join: what the thread holds goes when it ends.
void leasehold_thread_detach(uint64_t thread);
typedef struct leasehold_monitor leasehold_monitor;
leasehold_monitor *leasehold_monitor_create(void);
void leasehold_monitor_destroy(leasehold_monitor *monitor);
void leasehold_monitor_lock(leasehold_monitor *monitor);
void leasehold_monitor_unlock(leasehold_monitor *monitor);
void leasehold_monitor_wait(leasehold_monitor *monitor);
void leasehold_monitor_signal(leasehold_monitor *monitor);
