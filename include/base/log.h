/* The log: one JSON object a line on standard error, never with narrative, names or secrets.
 *
 *     log_info("listening", "port", log_number(port), "address", address);
 *
 * An event is a fixed word with underscores; members come in pairs of name and text and end with NULL, which the macros
 * add. The request id of the thread's current request, if one is set, is part of every line.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/macro.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

void log_set_level(enum log_level least);
/* The request that this thread works on, or NULL. Kept by reference until changed. */
void log_set_request(const char *request_id);
void log_line(enum log_level level, const char *event, ...) __attribute__((sentinel));
/* Decimal text in a thread-local ring of 8; for use as an argument of the macros below. */
const char *log_number(long long n);

#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__, NULL)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__, NULL)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__, NULL)
#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__, NULL)

#endif
