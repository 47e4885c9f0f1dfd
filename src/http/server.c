#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "internal.h"
#include "listen.h"
#include "http/metrics.h"
#include "reaper.h"
#include "view/page.h"

enum {
        /* For one connection: header and reply header have to fit beside each other. What does not fit is answered
         * 431. */
        CONNECTION_MEMORY = 16 * 1024,
        /* Of a chunked body that is too large, read and dropped so that its sender is told; the deadline of a body
         * holds for it too. */
        BODY_IGNORED_MAX = 512 * BODY_MAX,
};

struct server {
        struct service *service;
        struct MHD_Daemon *daemon;
        MHD_socket quiesced; /* the listening socket once the library has let go of it */
        struct reaper *reaper;
        struct crowd *crowd;
        struct trusted trusted;
        unsigned port;
        char socket[108];
        pthread_mutex_t lock; /* guards under_way */
        pthread_cond_t quiet;
        unsigned under_way;
};

/* One connection. */
struct line {
        struct server *server;
        struct reaper_entry entry;
        bool is_local; /* a unix socket */
        char address[PEER_TEXT];
};

/* One request on a connection. */
struct exchange {
        struct line *line;
        struct MHD_Connection *connection;
        struct request *request;
        struct buffer body;
        bool opened, refused, entered, started, too_large;
        atomic_bool complete;
        char target[];
};

static const struct {
        const char *name, *value;
} fixed_headers[] = {
        { "Content-Security-Policy",
          "default-src 'none'; script-src 'self' " PAGE_SCRIPT_HASH "; style-src 'self'; "
          "img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
          "frame-ancestors 'none'; base-uri 'none'" },
        { "X-Content-Type-Options", "nosniff" },
        { "Referrer-Policy", "no-referrer" },
        { "Cross-Origin-Opener-Policy", "same-origin" },
        { "Cross-Origin-Resource-Policy", "same-origin" },
        { "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()" },
};

static void add_header(struct MHD_Response *response, const char *name, const char *value) {
        if (value && MHD_add_response_header(response, name, value) == MHD_NO)
                log_error("header_refused", "name", name);
}

static void add_headers(const struct request *request, struct MHD_Response *response) {
        const struct reply *reply = &request->reply;
        char text[128];

        for (size_t i = 0; i < ELEMENTS(fixed_headers); i++)
                add_header(response, fixed_headers[i].name, fixed_headers[i].value);
        if (request->service->tls_external)
                add_header(response, "Strict-Transport-Security", "max-age=63072000; includeSubDomains");
        add_header(response, "X-Request-Id", request->id);
        add_header(response, "Cache-Control", reply->cache_control ? reply->cache_control : "no-store");
        add_header(response, "Content-Type", reply->content_type);
        add_header(response, "Location", reply->location);
        add_header(response, "Allow", reply->allow);
        add_header(response, "Link", reply->link);
        add_header(response, "Content-Disposition", reply->disposition);
        add_header(response, "Clear-Site-Data", reply->clear_site_data);
        if (reply->authenticate)
                add_header(response, "WWW-Authenticate", "Bearer realm=\"upstander\"");
        if (reply->etag) {
                snprintf(text, sizeof(text), "\"%s\"", reply->etag);
                add_header(response, "ETag", text);
        }
        for (size_t i = 0; i < REPLY_COOKIES; i++)
                add_header(response, "Set-Cookie", reply->set_cookie[i]);
        if (reply->retry_after) {
                snprintf(text, sizeof(text), "%u", reply->retry_after);
                add_header(response, "Retry-After", text);
        }
        if (reply->close || atomic_load(&request->service->draining))
                add_header(response, "Connection", "close");
}

static void note_reply(const struct request *request) {
        uint64_t duration = clock_us() - request->private->started_us;
        const struct route *route = request->route;

        metrics_observe(request->service->metrics, service_route_index(request->service, route), request->reply.status,
                        duration);
        if (route && (route->flags & ROUTE_QUIET))
                return;
        log_set_request(request->id);
        log_info("request", "method", method_name(request->method), "route", route ? route->path : "none",
                 "api", request->is_api ? "yes" : "no", "status", log_number(request->reply.status),
                 "us", log_number((long long) duration));
        log_set_request(NULL);
}

static enum MHD_Result queue_reply(struct exchange *exchange) {
        struct request *request = exchange->request;
        struct reply *reply = &request->reply;
        union { const void *in; void *out; } borrowed = { reply->borrowed };
        struct MHD_Response *response =
                reply->data ? MHD_create_response_from_buffer(reply->size, TAKE(reply->data), MHD_RESPMEM_MUST_FREE)
                            : MHD_create_response_from_buffer(reply->size, borrowed.out, MHD_RESPMEM_PERSISTENT);
        if (!response)
                return MHD_NO;
        reaper_note(&exchange->line->entry, REAPER_BUSY);
        add_headers(request, response);
        enum MHD_Result result = MHD_queue_response(exchange->connection, reply->status, response);
        MHD_destroy_response(response);
        note_reply(request);
        return result;
}

/* On any thread. After the call to resume the exchange belongs to a poll thread again. */
static void on_completed(struct request *request) {
        struct exchange *exchange = request->private->owner;
        atomic_store_explicit(&exchange->complete, true, memory_order_release);
        MHD_resume_connection(exchange->connection);
}

static enum MHD_Result collect_header(void *data, enum MHD_ValueKind kind, const char *name, size_t name_size,
                                      const char *value, size_t value_size) {
        struct header_list *headers = data;
        if (headers->n == GUARD_HEADERS_MAX) {
                headers->overflow = true;
                return MHD_NO;
        }
        headers->header[headers->n++] = (struct header) { name, name_size, value ? value : "", value_size };
        return MHD_YES;
}

static void count_under_way(struct server *server, int change) {
        pthread_mutex_lock(&server->lock);
        server->under_way += (unsigned) change;
        if (server->under_way == 0)
                pthread_cond_broadcast(&server->quiet);
        pthread_mutex_unlock(&server->lock);
        metrics_requests(server->service->metrics, change);
}

static bool is_of_health(const struct route *route) {
        return strncmp(route->path, "/health/", strlen("/health/")) == 0;
}

static enum MHD_Result open_exchange(struct exchange *exchange, const char *method, const char *version) {
        struct server *server = exchange->line->server;
        struct header_list headers = { .n = 0 };
        struct request *request = exchange->request = request_new(server->service);
        const struct intake intake = { method, version, exchange->target,
                                       exchange->line->is_local ? NULL : exchange->line->address, &server->trusted,
                                       &headers };

        exchange->opened = true;
        request->private->completed = on_completed;
        request->private->owner = exchange;
        count_under_way(server, 1);
        MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, collect_header, &headers);
        reaper_note(&exchange->line->entry, REAPER_BODY);
        if (!request_open(request, &intake)) {
                /* The library closes a connection that is answered before its last call, which is right only for what
                 * is doubtful or has a body that nobody reads. */
                exchange->refused = !request->reply.close && !request->private->has_body;
                return exchange->refused ? MHD_YES : queue_reply(exchange);
        }
        /* A connection that is kept open could go on asking for ever. Whoever watches the process may still do so. */
        if (atomic_load(&server->service->draining) && !is_of_health(request->route)) {
                reply_problem(request, "unavailable");
                request->reply.close = true;
                return queue_reply(exchange);
        }
        exchange->entered = crowd_enter(server->crowd, request->address);
        if (!exchange->entered) {
                reply_problem(request, "too_many_requests");
                request->reply.close = request->private->has_body;
                return queue_reply(exchange);
        }
        return MHD_YES;
}

/* The library takes no reply in the middle of a body, so what is too much is read and dropped up to a bound; beyond it
 * the connection is closed without an answer. */
static enum MHD_Result take_body(struct exchange *exchange, const char *data, size_t *size) {
        size_t total = exchange->body.size + *size;
        if (exchange->too_large || total > BODY_MAX) {
                if (!exchange->too_large)
                        memory_erase(exchange->body.data, exchange->body.size);
                exchange->too_large = true;
                exchange->body.size = total;
                *size = 0;
                return total > BODY_IGNORED_MAX ? MHD_NO : MHD_YES;
        }
        buffer_append(&exchange->body, data, *size);
        *size = 0;
        return MHD_YES;
}

static enum MHD_Result start_exchange(struct exchange *exchange) {
        struct request *request = exchange->request;

        exchange->started = true;
        reaper_note(&exchange->line->entry, REAPER_BUSY);
        if (exchange->refused)
                return queue_reply(exchange);
        if (exchange->too_large) {
                reply_problem(request, "body_too_large");
                request->reply.close = true;
                return queue_reply(exchange);
        }
        const char *body = exchange->body.data ? exchange->body.data : "";
        enum step_result result = request_start(request, body, exchange->body.size);
        if (exchange->body.data)
                memory_erase(exchange->body.data, exchange->body.size);
        buffer_clear(&exchange->body);
        log_set_request(NULL);
        if (result == STEP_REPLY && request->reply.status)
                return queue_reply(exchange);
        MHD_suspend_connection(exchange->connection);
        request_continue(request, result);
        return MHD_YES;
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **con_cls) {
        struct exchange *exchange = *con_cls;

        if (!exchange)
                return MHD_NO;
        if (!exchange->opened)
                return open_exchange(exchange, method, version);
        if (*upload_size > 0)
                return take_body(exchange, upload, upload_size);
        if (!exchange->started)
                return start_exchange(exchange);
        if (!atomic_load_explicit(&exchange->complete, memory_order_acquire))
                return MHD_YES;
        return queue_reply(exchange);
}

static struct line *line_of(struct MHD_Connection *connection) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        return info ? info->socket_context : NULL;
}

/* The request line has come: what is returned here is the handler's *con_cls. */
static void *on_request_line(void *data, const char *target, struct MHD_Connection *connection) {
        struct line *line = line_of(connection);
        size_t size = strlen(target);
        if (!line)
                return NULL;
        struct exchange *exchange = memory_new(1, sizeof(*exchange) + size + 1);
        exchange->line = line;
        exchange->connection = connection;
        memcpy(exchange->target, target, size);
        reaper_note(&line->entry, REAPER_HEADER);
        return exchange;
}

static void on_request_end(void *data, struct MHD_Connection *connection, void **con_cls,
                           enum MHD_RequestTerminationCode code) {
        struct exchange *exchange = TAKE(*con_cls);
        if (!exchange)
                return;
        struct server *server = exchange->line->server;
        reaper_note(&exchange->line->entry, REAPER_IDLE);
        if (exchange->entered)
                crowd_leave(server->crowd, exchange->request->address);
        if (exchange->body.data)
                memory_erase(exchange->body.data, exchange->too_large ? 0 : exchange->body.size);
        buffer_clear(&exchange->body);
        if (exchange->opened) {
                request_free(exchange->request);
                count_under_way(server, -1);
        }
        free(exchange);
}

static void on_connection(void *data, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code) {
        struct server *server = data;

        if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
                struct line *line = TAKE(*socket_context);
                if (line) {
                        reaper_remove(server->reaper, &line->entry);
                        metrics_connections(server->service->metrics, -1);
                        free(line);
                }
                return;
        }
        struct line *line = memory_new(1, sizeof(*line));
        const union MHD_ConnectionInfo *fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        const union MHD_ConnectionInfo *address =
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        line->server = server;
        line->is_local = !listen_address_text(address ? address->client_addr : NULL, line->address);
        reaper_add(server->reaper, &line->entry, fd->connect_fd);
        metrics_connections(server->service->metrics, 1);
        *socket_context = line;
}

static void on_library_log(void *data, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));
static void on_library_log(void *data, const char *format, va_list arguments) {
        char text[256];
        vsnprintf(text, sizeof(text), format, arguments);
        text[strcspn(text, "\n")] = '\0';
        log_debug("library", "text", text);
}

struct server_options server_options_of(const struct settings *settings) {
        unsigned header_ms = (unsigned) settings_integer(settings, SETTING_HTTP_HEADER_SECONDS) * 1000;
        return (struct server_options) {
                .address = settings_text(settings, SETTING_LISTEN_ADDRESS),
                .port = (unsigned) settings_integer(settings, SETTING_LISTEN_PORT),
                .socket = settings_text(settings, SETTING_LISTEN_SOCKET),
                .poll_threads = (unsigned) settings_integer(settings, SETTING_POLL_THREADS),
                .connections = (unsigned) settings_integer(settings, SETTING_HTTP_CONNECTIONS),
                .address_requests = (unsigned) settings_integer(settings, SETTING_HTTP_ADDRESS_REQUESTS),
                .header_ms = header_ms,
                .body_ms = header_ms,
                .idle_s = (unsigned) settings_integer(settings, SETTING_HTTP_IDLE_SECONDS),
                .trusted = settings_text(settings, SETTING_PROXY_TRUSTED),
        };
}

static struct MHD_Daemon *start_daemon(const struct server_options *options, struct server *server, int fd) {
        unsigned threads = options->poll_threads > 1 ? options->poll_threads : 0;
        return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
                                0, NULL, NULL,
                                on_request, server,
                                MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL,
                                MHD_OPTION_LISTEN_SOCKET, fd,
                                MHD_OPTION_THREAD_POOL_SIZE, threads,
                                MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) CONNECTION_MEMORY,
                                MHD_OPTION_CONNECTION_LIMIT, options->connections,
                                MHD_OPTION_CONNECTION_TIMEOUT, options->idle_s,
                                MHD_OPTION_STRICT_FOR_CLIENT, 0,
                                MHD_OPTION_URI_LOG_CALLBACK, on_request_line, server,
                                MHD_OPTION_NOTIFY_COMPLETED, on_request_end, server,
                                MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
                                MHD_OPTION_END);
}

int server_start(const struct server_options *options, struct service *service, struct server **ret_server) {
        struct server *server = memory_new(1, sizeof(*server));
        const bool is_local = options->socket && *options->socket;
        int fd = -1, r = -EINVAL;

        server->service = service;
        server->quiesced = MHD_INVALID_SOCKET;
        pthread_mutex_init(&server->lock, NULL);
        pthread_cond_init(&server->quiet, NULL);
        server->crowd = crowd_new(options->address_requests);
        if (trusted_parse(options->trusted ? options->trusted : "", &server->trusted) < 0) {
                log_error("proxy_not_an_address", "trusted", options->trusted);
                goto failed;
        }
        if (is_local)
                snprintf(server->socket, sizeof(server->socket), "%s", options->socket);
        r = fd = is_local ? listen_local(options->socket)
                            : listen_address(options->address, options->port, &server->port);
        if (r < 0)
                goto failed;
        const struct reaper_limits limits = { options->header_ms, options->body_ms,
                                              options->idle_s * 1000 + options->header_ms,
                                              options->connections - options->connections / 8 };
        r = reaper_start(&limits, service->metrics, &server->reaper);
        if (r < 0)
                goto failed;
        server->daemon = start_daemon(options, server, fd);
        if (!server->daemon) {
                r = errno ? -errno : -EIO;
                goto failed;
        }
        log_info("listening", "address", is_local ? server->socket : options->address, "port",
                 log_number(server->port));
        *ret_server = server;
        return 0;
failed:
        log_error("not_listening", "address", is_local ? options->socket : options->address, "error", strerror(-r));
        if (fd >= 0)
                close(fd);
        server_stop(server);
        return r;
}

unsigned server_port(const struct server *server) {
        return server->port;
}

unsigned server_drain(struct server *server, unsigned timeout_ms) {
        struct timespec until;
        unsigned left;

        atomic_store(&server->service->draining, true);
        /* Poll threads may still look at the socket, so it only stops listening here and is closed behind them. */
        server->quiesced = MHD_quiesce_daemon(server->daemon);
        if (server->quiesced != MHD_INVALID_SOCKET)
                shutdown(server->quiesced, SHUT_RDWR);
        if (*server->socket)
                unlink(server->socket);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += timeout_ms / 1000;
        until.tv_nsec += (long) (timeout_ms % 1000) * 1000000;
        if (until.tv_nsec >= 1000000000)
                until.tv_sec++, until.tv_nsec -= 1000000000;
        pthread_mutex_lock(&server->lock);
        while (server->under_way > 0 && pthread_cond_timedwait(&server->quiet, &server->lock, &until) == 0)
                continue;
        left = server->under_way;
        pthread_mutex_unlock(&server->lock);
        return left;
}

void server_stop(struct server *server) {
        if (!server)
                return;
        if (server->daemon)
                MHD_stop_daemon(server->daemon);
        if (server->quiesced != MHD_INVALID_SOCKET)
                close(server->quiesced);
        reaper_stop(server->reaper);
        crowd_free(server->crowd);
        pthread_cond_destroy(&server->quiet);
        pthread_mutex_destroy(&server->lock);
        free(server);
}
