/* Keeps a number of keep-alive connections busy with prepared requests and says how the server did.
 *
 *     load PORT CONNECTIONS WARM_SECONDS SECONDS FILE
 *
 * FILE holds requests, each behind a line "STATUS LENGTH": the status that its answer must have and the request's
 * bytes. They are sent in this order, over and over; a connection sends its next when it has its answer. Every run of
 * twelve `@` in a request becomes a number that no other request has had, so that bodies and Idempotency-Keys are
 * distinct. The answers of the first WARM_SECONDS are not counted. Prints one JSON object; the first unexpected answer
 * goes to standard error.
 *
 * One thread and epoll: the generator has to leave the processors to what is measured.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { REPLY_MAX = 512 * 1024, REQUEST_MAX = 64 * 1024, REQUESTS_MAX = 65536, MARKS_MAX = 16, MARK = 12 };

struct template {
        const char *text;
        size_t size, marks[MARKS_MAX];
        unsigned n_marks, status;
};

struct client {
        int fd;
        const struct template *template;
        uint64_t sent_us;
        size_t filled;
        char reply[REPLY_MAX + 1];
};

struct plan {
        struct template *templates;
        size_t n, next;
        uint64_t number;
};

struct tally {
        uint32_t *latencies_us;
        size_t n, room;
        uint64_t unexpected, bytes;
        bool counting;
};

static uint64_t now_us(clockid_t clock) {
        struct timespec now;
        clock_gettime(clock, &now);
        return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

static void fail(const char *what) {
        fprintf(stderr, "load: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
        exit(1);
}

static char *read_file(const char *path, size_t *ret_size) {
        FILE *file = fopen(path, "rb");
        if (!file || fseek(file, 0, SEEK_END) != 0)
                fail(path);
        long size = ftell(file);
        char *text = size > 0 ? malloc((size_t) size + 1) : NULL;
        rewind(file);
        if (!text || fread(text, 1, (size_t) size, file) != (size_t) size)
                fail(path);
        fclose(file);
        text[size] = '\0';
        *ret_size = (size_t) size;
        return text;
}

static void find_marks(struct template *template) {
        static const char mark[] = "@@@@@@@@@@@@";
        const char *at = template->text, *end = at + template->size;
        while ((at = memmem(at, (size_t) (end - at), mark, MARK))) {
                if (template->n_marks == MARKS_MAX)
                        fail("a request has too many marks");
                template->marks[template->n_marks++] = (size_t) (at - template->text);
                at += MARK;
        }
}

/* The text lives as long as the process. */
static struct plan read_plan(const char *path) {
        size_t size;
        char *at = read_file(path, &size), *end = at + size;
        struct plan plan = { .templates = calloc(REQUESTS_MAX, sizeof *plan.templates) };
        while (plan.templates && at < end) {
                struct template *template = &plan.templates[plan.n];
                unsigned long status = strtoul(at, &at, 10), length = strtoul(at, &at, 10);
                if (*at != '\n' || length > REQUEST_MAX || length > (size_t) (end - at - 1) || ++plan.n == REQUESTS_MAX)
                        fail("this is no file of requests");
                *template = (struct template) { .text = at + 1, .size = length, .status = (unsigned) status };
                find_marks(template);
                at += 1 + length;
        }
        if (plan.n == 0)
                fail("there are no requests");
        /* Microseconds since 1970: no server answers a million a second, so two runs never share a number. */
        plan.number = now_us(CLOCK_REALTIME);
        return plan;
}

static void client_connect(struct client *client, uint16_t port) {
        const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port),
                                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        const int one = 1;
        client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (client->fd < 0 || connect(client->fd, (const struct sockaddr *) &address, sizeof address) < 0)
                fail("connecting");
        setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void send_next(struct client *client, struct plan *plan) {
        char text[REQUEST_MAX], number[MARK + 1];
        const struct template *template = client->template = &plan->templates[plan->next];
        plan->next = (plan->next + 1) % plan->n;
        snprintf(number, sizeof number, "%012llx", (unsigned long long) (plan->number++ & 0xffffffffffff));
        memcpy(text, template->text, template->size);
        for (unsigned i = 0; i < template->n_marks; i++)
                memcpy(text + template->marks[i], number, MARK);
        client->filled = 0;
        client->sent_us = now_us(CLOCK_MONOTONIC);
        for (size_t sent = 0; sent < template->size;) {
                ssize_t n = send(client->fd, text + sent, template->size - sent, MSG_NOSIGNAL);
                if (n < 0 && errno != EINTR)
                        fail("sending");
                sent += n > 0 ? (size_t) n : 0;
        }
}

static void take_answer(struct client *client, struct tally *tally) {
        unsigned status = (unsigned) strtoul(client->reply + strlen("HTTP/1.1 "), NULL, 10);
        if (status != client->template->status && tally->unexpected++ == 0)
                fprintf(stderr, "load: expected %u of\n%.300s\n\n%s\n", client->template->status,
                        client->template->text, client->reply);
        if (!tally->counting)
                return;
        if (tally->n == tally->room) {
                tally->room = tally->room ? 2 * tally->room : 65536;
                tally->latencies_us = reallocarray(tally->latencies_us, tally->room, sizeof *tally->latencies_us);
                if (!tally->latencies_us)
                        fail("memory");
        }
        tally->latencies_us[tally->n++] = (uint32_t) (now_us(CLOCK_MONOTONIC) - client->sent_us);
        tally->bytes += client->filled;
}

/* Whether the whole answer is there. Every answer must say its length. */
static bool is_complete(const struct client *client) {
        const char *end = strstr(client->reply, "\r\n\r\n"), *length = strcasestr(client->reply, "\r\ncontent-length:");
        if (!end)
                return false;
        if (!length || length > end)
                fail("an answer without its length");
        size_t total = (size_t) (end + 4 - client->reply) + strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
        return client->filled >= total;
}

/* True when the answer is complete. */
static bool receive(struct client *client) {
        ssize_t n = recv(client->fd, client->reply + client->filled, REPLY_MAX - client->filled, 0);
        if (n == 0)
                errno = 0;
        if (n <= 0)
                fail("the server closed a connection");
        client->filled += (size_t) n;
        client->reply[client->filled] = '\0';
        return is_complete(client);
}

static int compare(const void *a, const void *b) {
        const uint32_t *x = a, *y = b;
        return (*x > *y) - (*x < *y);
}

static uint32_t percentile(const struct tally *tally, double p) {
        return tally->n ? tally->latencies_us[(size_t) ((double) (tally->n - 1) * p)] : 0;
}

static void report(struct tally *tally, double seconds) {
        qsort(tally->latencies_us, tally->n, sizeof *tally->latencies_us, compare);
        printf("{\"requests\": %zu, \"rate\": %.1f, \"unexpected\": %llu, \"p50_us\": %u, \"p99_us\": %u,"
               " \"max_us\": %u, \"bytes\": %.0f}\n",
               tally->n, (double) tally->n / seconds, (unsigned long long) tally->unexpected, percentile(tally, 0.5),
               percentile(tally, 0.99), percentile(tally, 1), tally->n ? (double) tally->bytes / (double) tally->n : 0);
}

static double run(struct client *clients, unsigned n_clients, int epoll, struct plan *plan,
                  struct tally *tally, double warm, double seconds) {
        uint64_t begin = now_us(CLOCK_MONOTONIC), counted = begin + (uint64_t) (warm * 1e6);
        uint64_t end = counted + (uint64_t) (seconds * 1e6), now = begin;
        for (unsigned i = 0; i < n_clients; i++)
                send_next(&clients[i], plan);
        while (now < end) {
                struct epoll_event events[256];
                int n = epoll_wait(epoll, events, 256, 100);
                if (n < 0 && errno != EINTR)
                        fail("waiting");
                now = now_us(CLOCK_MONOTONIC);
                if (!tally->counting && now >= counted) {
                        tally->counting = true;
                        counted = now;
                }
                for (int i = 0; i < n; i++) {
                        struct client *client = events[i].data.ptr;
                        if (!receive(client))
                                continue;
                        take_answer(client, tally);
                        send_next(client, plan);
                }
        }
        return (double) (now - counted) / 1e6;
}

int main(int argc, char **argv) {
        if (argc != 6) {
                fprintf(stderr, "load PORT CONNECTIONS WARM_SECONDS SECONDS FILE\n");
                return 2;
        }
        unsigned n_clients = (unsigned) strtoul(argv[2], NULL, 10);
        struct plan plan = read_plan(argv[5]);
        struct client *clients = calloc(n_clients, sizeof *clients);
        struct tally tally = { 0 };
        int epoll = epoll_create1(EPOLL_CLOEXEC);
        if (!clients || epoll < 0)
                fail("starting");
        for (unsigned i = 0; i < n_clients; i++) {
                client_connect(&clients[i], (uint16_t) strtoul(argv[1], NULL, 10));
                struct epoll_event event = { .events = EPOLLIN, .data.ptr = &clients[i] };
                if (epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i].fd, &event) < 0)
                        fail("watching");
        }
        double took = run(clients, n_clients, epoll, &plan, &tally, strtod(argv[3], NULL), strtod(argv[4], NULL));
        report(&tally, took);
        return tally.unexpected != 0;
}
