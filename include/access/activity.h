/* When a session was last used, for the idle limit. A request only notes it in memory; the worker writes what was noted, at
 * most once a minute for each session, so that no request waits for a row that another one changes. */
#ifndef ACCESS_ACTIVITY_H
#define ACCESS_ACTIVITY_H

#include "base/macro.h"
#include "db/executor.h"
#include "db/query.h"

/* Notes that the session of this hash (64 hex) was used. Any thread; never waits for long. Past ACTIVITY_SESSIONS different
 * sessions between two flushes further ones are left to their next request. */
void session_activity_note(const char *hash);

enum { ACTIVITY_SESSIONS = 16384 };

/* Writes what was noted. Waits for the database: not for a poll thread. 0, or negative when some could not be written; those
 * are noted again. */
int session_activity_flush(struct executor *executor, const struct query_set *queries) _must_check_;

#endif
