// Stream sockets of the internet and local families.

#include "Private.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

_Static_assert(sizeof(struct sockaddr_storage) <= sizeof(((leasehold_address *)0)->bytes), "an address must fit");

static const struct sockaddr *raw(const leasehold_address *address) {
    return (const struct sockaddr *)(const void *)address->bytes;
}

static int is_local(const leasehold_address *address) { return raw(address)->sa_family == AF_UNIX; }

static int look_up(const char *host, uint16_t port, int flags, struct addrinfo **found) {
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    return getaddrinfo(host, service, &hints, found);
}

static void take(leasehold_address *address, const struct sockaddr *from, size_t length) {
    memset(address, 0, sizeof *address);
    memcpy(address->bytes, from, length);
    address->length = (uint32_t)length;
}

int32_t leasehold_address_numeric(const char *host, uint16_t port, leasehold_address *address) {
    struct addrinfo *found = NULL;
    if (look_up(host, port, AI_NUMERICHOST, &found) != 0 || found == NULL) return -EINVAL;
    take(address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return 0;
}

int32_t leasehold_address_is_any(const leasehold_address *address) {
    if (raw(address)->sa_family == AF_INET) {
        struct sockaddr_in known;
        memcpy(&known, address->bytes, sizeof known);
        return known.sin_addr.s_addr == htonl(INADDR_ANY);
    }
    if (raw(address)->sa_family != AF_INET6) return 0;
    struct sockaddr_in6 known;
    memcpy(&known, address->bytes, sizeof known);
    uint32_t last;
    memcpy(&last, known.sin6_addr.s6_addr + 12, sizeof last);
    return IN6_IS_ADDR_UNSPECIFIED(&known.sin6_addr) || (IN6_IS_ADDR_V4MAPPED(&known.sin6_addr) && last == 0);
}

int32_t leasehold_address_unix(const char *path, leasehold_address *address) {
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof local.sun_path) return -ENAMETOOLONG;
    memcpy(local.sun_path, path, length + 1);
    take(address, (const struct sockaddr *)&local, sizeof local);
    return 0;
}

int32_t leasehold_resolve(
    const char *host, uint16_t port, leasehold_address *addresses, int32_t capacity, char *reason, size_t reason_size) {
    struct addrinfo *found = NULL;
    int failure = look_up(host, port, 0, &found);
    if (failure != 0) {
        snprintf(reason, reason_size, "%s", gai_strerror(failure));
        return -1;
    }
    int32_t count = 0;
    for (struct addrinfo *each = found; each != NULL && count < capacity; each = each->ai_next) {
        take(&addresses[count++], each->ai_addr, each->ai_addrlen);
    }
    freeaddrinfo(found);
    return count;
}

static int open_socket(int family) {
#ifdef __linux__
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
    int descriptor = socket(family, SOCK_STREAM, 0);
    if (descriptor < 0) return -1;
    int on = 1;
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
    return descriptor;
#endif
}

static void send_without_delay(int descriptor) {
    int on = 1;
    // Fails on local sockets, which have no delay to begin with.
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// The other side's host may lose its power without a word, and an idle connection would stay for ever: after a minute of
// silence the kernel asks, and after a minute and a half more without an answer it ends the connection.
static void notice_silence(int descriptor) {
    int on = 1, idle = 60, interval = 30, count = 3;
    setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
#ifdef __linux__
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
#else
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPALIVE, &idle, sizeof idle);
#endif
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

static int32_t failed(int descriptor) {
    int32_t error = -errno;
    close(descriptor);
    return error;
}

static int32_t bind_and_listen(const leasehold_address *address, int32_t backlog) {
    int descriptor = open_socket(raw(address)->sa_family);
    if (descriptor < 0) return -errno;
    int on = 1;
    if (!is_local(address)) setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (raw(address)->sa_family == AF_INET6) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(descriptor, raw(address), address->length) < 0) return failed(descriptor);
    if (listen(descriptor, backlog) < 0) return failed(descriptor);
    return descriptor;
}

int32_t leasehold_listen(const leasehold_address *address, int32_t backlog) {
    int32_t descriptor = bind_and_listen(address, backlog);
    if (descriptor != -EADDRINUSE || !is_local(address)) return descriptor;
    // A local socket's name outlives its process. If nobody answers there, it is left over and may go.
    int probe = open_socket(AF_UNIX);
    if (probe < 0) return -EADDRINUSE;
    int refused = connect(probe, raw(address), address->length) < 0 && errno == ECONNREFUSED;
    close(probe);
    if (!refused) return -EADDRINUSE;
    unlink(((const struct sockaddr_un *)(const void *)address->bytes)->sun_path);
    return bind_and_listen(address, backlog);
}

static int32_t port_of(const struct sockaddr_storage *name) {
    if (name->ss_family == AF_INET) return ntohs(((const struct sockaddr_in *)(const void *)name)->sin_port);
    if (name->ss_family == AF_INET6) return ntohs(((const struct sockaddr_in6 *)(const void *)name)->sin6_port);
    return 0;
}

int32_t leasehold_bound_port(int32_t descriptor) {
    struct sockaddr_storage name = {0};
    socklen_t length = sizeof name;
    if (getsockname(descriptor, (struct sockaddr *)&name, &length) < 0) return -errno;
    return port_of(&name);
}

int32_t leasehold_accept(int32_t listener) {
#ifdef __linux__
    int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return -errno;
#else
    int descriptor = accept(listener, NULL, NULL);
    if (descriptor < 0) return -errno;
    int on = 1;
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    send_without_delay(descriptor);
    notice_silence(descriptor);
    return descriptor;
}

int32_t leasehold_connect(const leasehold_address *address, int32_t *pending) {
    int descriptor = open_socket(raw(address)->sa_family);
    if (descriptor < 0) return -errno;
    send_without_delay(descriptor);
    notice_silence(descriptor);
    *pending = 0;
    if (connect(descriptor, raw(address), address->length) == 0) return descriptor;
    // An interrupted connect goes on in the background, just as one that would have waited.
    if (errno != EINPROGRESS && errno != EINTR) return failed(descriptor);
    *pending = 1;
    return descriptor;
}

int32_t leasehold_connect_result(int32_t descriptor) {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return -errno;
    if (error != 0) return -error;
    struct sockaddr_storage own = {0}, other = {0};
    socklen_t own_length = sizeof own, other_length = sizeof other;
    if (getpeername(descriptor, (struct sockaddr *)&other, &other_length) < 0) return -errno;
    if (getsockname(descriptor, (struct sockaddr *)&own, &own_length) < 0) return -errno;
    int internet = own.ss_family == AF_INET || own.ss_family == AF_INET6;
    if (internet && own_length == other_length && memcmp(&own, &other, own_length) == 0) return -ECONNREFUSED;
    return 0;
}

int32_t leasehold_shutdown_writing(int32_t descriptor) { return (int32_t)checked(shutdown(descriptor, SHUT_WR)); }

long leasehold_receive(int32_t descriptor, void *buffer, size_t count) {
    return checked(recv(descriptor, buffer, count, 0));
}

long leasehold_send(int32_t descriptor, const void *buffer, size_t count) {
#ifdef MSG_NOSIGNAL
    return checked(send(descriptor, buffer, count, MSG_NOSIGNAL));
#else
    return checked(send(descriptor, buffer, count, 0));
#endif
}
