#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static int start_listening(int fd, const struct sockaddr *address, socklen_t size) {
        if (bind(fd, address, size) < 0 || listen(fd, BACKLOG) < 0) {
                int r = -errno;
                close(fd);
                return r;
        }
        return fd;
}

int listen_address(const char *address, unsigned port, unsigned *ret_port) {
        union {
                struct sockaddr any;
                struct sockaddr_in v4;
                struct sockaddr_in6 v6;
        } to = { 0 };
        socklen_t size = sizeof(to.v4);
        int one = 1;

        if (port > 65535)
                return -EINVAL;
        if (inet_pton(AF_INET, address, &to.v4.sin_addr) == 1) {
                to.v4.sin_family = AF_INET;
                to.v4.sin_port = htons((unsigned short) port);
        } else if (inet_pton(AF_INET6, address, &to.v6.sin6_addr) == 1) {
                size = sizeof(to.v6);
                to.v6.sin6_family = AF_INET6;
                to.v6.sin6_port = htons((unsigned short) port);
        } else
                return -EINVAL;
        int fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
        fd = start_listening(fd, &to.any, size);
        if (fd >= 0 && getsockname(fd, &to.any, &size) == 0)
                *ret_port = ntohs(to.any.sa_family == AF_INET ? to.v4.sin_port : to.v6.sin6_port);
        return fd;
}

int listen_local(const char *path) {
        struct sockaddr_un to = { .sun_family = AF_UNIX };
        struct stat found;

        if (strlen(path) >= sizeof(to.sun_path))
                return -ENAMETOOLONG;
        strcpy(to.sun_path, path);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        if (lstat(path, &found) == 0 && S_ISSOCK(found.st_mode)) {
                if (connect(fd, (const struct sockaddr *) &to, sizeof(to)) == 0 || errno == EAGAIN) {
                        close(fd);
                        return -EADDRINUSE;
                }
                unlink(path);
        }
        fd = start_listening(fd, (const struct sockaddr *) &to, sizeof(to));
        if (fd >= 0)
                chmod(path, 0660);
        return fd;
}

bool listen_address_text(const struct sockaddr *address, char ret_text[static PEER_TEXT]) {
        const void *any = address; /* sockaddr says less of its alignment than what it stands for */
        const struct sockaddr_in *v4 = any;
        const struct sockaddr_in6 *v6 = any;
        if (address && address->sa_family == AF_INET)
                return inet_ntop(AF_INET, &v4->sin_addr, ret_text, PEER_TEXT);
        return address && address->sa_family == AF_INET6 && inet_ntop(AF_INET6, &v6->sin6_addr, ret_text, PEER_TEXT);
}
