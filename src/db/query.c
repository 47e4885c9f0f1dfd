#include "db/query.h"

#include <string.h>

#include "query_internal.h"

struct query_set {
        struct arena *arena;
        unsigned n_queries;
        struct query *queries; /* in the order of the files, which is that of their names */
};

void query_set_free(struct query_set *set) {
        if (!set)
                return;
        arena_free(set->arena);
        free(set->queries);
        free(set);
}

int query_set_parse(const struct embedded_set *files, struct query_set **ret_set, char **ret_error) {
        _cleanup_(query_set_free_p) struct query_set *set = memory_new(1, sizeof *set);
        set->arena = arena_new();
        set->queries = memory_new(files->n_files, sizeof *set->queries);
        for (size_t i = 0; i < files->n_files; i++) {
                struct query *query = &set->queries[set->n_queries];
                int r = query_parse(set->arena, &files->files[i], query, ret_error);
                if (r < 0)
                        return r;
                query->index = set->n_queries++;
        }
        *ret_set = TAKE(set);
        return 0;
}

static int compare_name(const void *name, const void *query) {
        return strcmp(name, ((const struct query *) query)->name);
}

const struct query *query_find(const struct query_set *set, const char *name) {
        return bsearch(name, set->queries, set->n_queries, sizeof *set->queries, compare_name);
}

unsigned query_count(const struct query_set *set) {
        return set->n_queries;
}

const struct query *query_at(const struct query_set *set, unsigned index) {
        return &set->queries[index];
}
