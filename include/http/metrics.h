/* Figures for /metrics, in Prometheus' text form: requests by route and class of status, how long they took, and what
 * waits where. Labels are rows of the route table; nothing a client sends becomes part of the text. */
#ifndef HTTP_METRICS_H
#define HTTP_METRICS_H

#include <stdint.h>

#include "base/buffer.h"
#include "http/service.h"

struct metrics *metrics_new(size_t n_routes);
void metrics_free(struct metrics *metrics);

/* `route` is a position in service->routes; anything past the end counts as "none": refused before a route was
 * found. */
void metrics_observe(struct metrics *metrics, size_t route, unsigned status, uint64_t duration_us);
void metrics_connections(struct metrics *metrics, int change);
void metrics_requests(struct metrics *metrics, int change);
void metrics_reaped(struct metrics *metrics);

void metrics_write(struct service *service, struct buffer *out);

#endif
