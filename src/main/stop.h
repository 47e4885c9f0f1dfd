/* SIGTERM and SIGINT, taken by the main thread while others work; the service manager is told of each turn. */
#ifndef MAIN_STOP_H
#define MAIN_STOP_H

#include <stdbool.h>

/* Before any thread starts: all of them leave these signals to the main thread, and SIGPIPE is ignored. */
void stop_prepare(void);
/* Whether one of them came within the time. */
bool stop_wait(unsigned ms);
/* Says that all is ready, keeps the watchdog fed, calls `every` (may be NULL) about every 20 seconds, and returns when one of
 * the signals came. */
void stop_await(void (*every)(void *data), void *data);

#endif
