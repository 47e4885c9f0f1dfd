/* The worker: what happens by itself. One thread runs the jobs of a table, each a query on a connection of the runtime role
 * upstander_work, every so many seconds. Several workers beside each other are harmless: each case is taken by one.
 *
 * Runs inside `serve` (setting work.in_process) or as `upstander work`.
 */
#ifndef JOB_JOB_H
#define JOB_JOB_H

#include "base/macro.h"
#include "db/query.h"

struct jobs;

/* `queries` is borrowed until jobs_stop. Succeeds while the database is away: jobs wait for it. 0, or negative errno. */
int jobs_start(const char *conninfo, const struct query_set *queries, struct jobs **ret_jobs) _must_check_;
/* Lets the job under way finish. NULL-safe. */
void jobs_stop(struct jobs *jobs);
DEFINE_CLEANUP(struct jobs, jobs_stop);

#endif
