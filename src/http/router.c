#include "http/router.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"

struct node {
        const char *segment; /* into the row's path, `size` long; NULL for the root and for a {name} */
        size_t size;
        struct node *next;    /* the next literal child of the same parent */
        struct node *literal; /* children */
        struct node *any;     /* the {name} child */
        struct node *rest;    /* the {name...} child */
        const struct route *by_method[METHOD_COUNT];
};

struct router {
        struct node root;
};

static const char *const method_names[] = {
        [METHOD_GET] = "GET",     [METHOD_POST] = "POST",     [METHOD_PUT] = "PUT",
        [METHOD_PATCH] = "PATCH", [METHOD_DELETE] = "DELETE",
};

const char *method_name(enum method method) {
        return method < METHOD_COUNT ? method_names[method] : "none";
}

enum method method_parse(const char *name) {
        if (strcmp(name, "HEAD") == 0)
                return METHOD_GET;
        for (enum method m = 0; m < METHOD_COUNT; m++)
                if (strcmp(name, method_names[m]) == 0)
                        return m;
        return METHOD_COUNT;
}

static void node_free(struct node *node) {
        if (!node)
                return;
        node_free(node->literal);
        node_free(node->any);
        node_free(node->rest);
        node_free(node->next);
        free(node);
}

void router_free(struct router *router) {
        if (!router)
                return;
        node_free(router->root.literal);
        node_free(router->root.any);
        node_free(router->root.rest);
        free(router);
}

static struct node *find_literal(const struct node *node, const char *segment, size_t size) {
        for (struct node *child = node->literal; child; child = child->next)
                if (child->size == size && memcmp(child->segment, segment, size) == 0)
                        return child;
        return NULL;
}

enum segment_kind { SEGMENT_LITERAL, SEGMENT_ANY, SEGMENT_REST, SEGMENT_WRONG };

/* What a segment of a row's path is; *name and *size become the name without braces. */
static enum segment_kind segment_kind(const char **name, size_t *size, bool last) {
        bool braces = memchr(*name, '{', *size) || memchr(*name, '}', *size);
        if ((*name)[0] != '{')
                return *size > 0 && !braces ? SEGMENT_LITERAL : SEGMENT_WRONG;
        if (*size < 3 || (*name)[*size - 1] != '}')
                return SEGMENT_WRONG;
        *name += 1;
        *size -= 2;
        if (*size > 3 && memcmp(*name + *size - 3, "...", 3) == 0) {
                *size -= 3;
                return last ? SEGMENT_REST : SEGMENT_WRONG;
        }
        return SEGMENT_ANY;
}

static struct node *make_child(struct node *parent, enum segment_kind kind, const char *segment, size_t size) {
        struct node **place = kind == SEGMENT_ANY ? &parent->any : &parent->rest;
        if (kind == SEGMENT_LITERAL) {
                struct node *found = find_literal(parent, segment, size);
                if (found)
                        return found;
                struct node *child = memory_new(1, sizeof(*child));
                child->segment = segment;
                child->size = size;
                child->next = parent->literal;
                parent->literal = child;
                return child;
        }
        if (!*place)
                *place = memory_new(1, sizeof(struct node));
        return *place;
}

/* The node of a row's path, made where missing; NULL when the path is malformed. */
static struct node *make_place(struct router *router, const char *path) {
        struct node *node = &router->root;
        size_t n = 0;
        if (path[0] != '/')
                return NULL;
        for (const char *p = path; *p == '/' && p[1];) {
                p++;
                size_t size = strcspn(p, "/");
                const char *name = p;
                size_t name_size = size;
                enum segment_kind kind = segment_kind(&name, &name_size, p[size] == '\0');
                if (kind == SEGMENT_WRONG || ++n > TARGET_SEGMENTS_MAX - 2)
                        return NULL;
                node = make_child(node, kind, name, name_size);
                p += size;
                if (*p == '/' && !p[1])
                        return NULL;
        }
        return node;
}

int router_new(const struct route *const *routes, size_t n, struct router **ret_router, char **ret_error) {
        _cleanup_(router_free_p) struct router *router = memory_new(1, sizeof(*router));

        for (size_t i = 0; i < n; i++) {
                struct node *node = make_place(router, routes[i]->path);
                if (!node || node->by_method[routes[i]->method]) {
                        if (asprintf(ret_error, "%s %s: %s", method_name(routes[i]->method), routes[i]->path,
                                     node ? "two routes claim this" : "the path is malformed") < 0)
                                abort();
                        return -1;
                }
                node->by_method[routes[i]->method] = routes[i];
        }
        *ret_router = TAKE(router);
        return 0;
}

static bool has_twin(const struct route *route, bool is_api) {
        if (is_api)
                return !(route->flags & ROUTE_PAGE_ONLY) && (route->query || route->prepare);
        if (route->flags & ROUTE_API_ONLY)
                return false;
        return route->method != METHOD_GET || route->page || route->prepare;
}

bool router_find(const struct router *router, const struct target *target, struct router_match *ret_match) {
        const struct node *node = &router->root;
        size_t i = 0;
        bool is_api = target_is_api(target), found = false;

        for (i = is_api ? 2 : 0; i < target->n_segments; i++) {
                const char *segment = target->segments[i];
                const struct node *child = find_literal(node, segment, strlen(segment));
                if (!child && *segment)
                        child = node->any;
                if (!child && node->rest && *target->segments[target->n_segments - 1]) {
                        node = node->rest;
                        break;
                }
                if (!child)
                        return false;
                node = child;
        }
        *ret_match = (struct router_match) { .is_api = is_api };
        for (enum method m = 0; m < METHOD_COUNT; m++) {
                const struct route *route = node->by_method[m];
                if (route && has_twin(route, is_api)) {
                        ret_match->by_method[m] = route;
                        found = true;
                }
        }
        return found;
}

void router_parameters(const struct route *route, const struct target *target, json_t *parameters) {
        size_t i = target_is_api(target) ? 2 : 0;
        for (const char *p = route->path; *p == '/' && p[1] && i < target->n_segments; i++) {
                p++;
                size_t size = strcspn(p, "/"), name_size = size;
                const char *name = p;
                enum segment_kind kind = segment_kind(&name, &name_size, p[size] == '\0');
                char key[64];
                snprintf(key, sizeof(key), "%.*s", (int) name_size, name);
                if (kind == SEGMENT_ANY)
                        json_object_set_new(parameters, key, json_string(target->segments[i]));
                else if (kind == SEGMENT_REST) {
                        _cleanup_buffer_ struct buffer rest = { 0 };
                        for (; i < target->n_segments; i++) {
                                if (rest.size > 0)
                                        buffer_append_char(&rest, '/');
                                buffer_append_string(&rest, target->segments[i]);
                        }
                        json_object_set_new(parameters, key, json_string(rest.data));
                }
                p += size;
        }
}

const char *router_allow(const struct router_match *match, struct arena *arena) {
        const char *allow = "";
        for (enum method m = 0; m < METHOD_COUNT; m++)
                if (match->by_method[m])
                        allow = arena_format(arena, "%s%s%s", allow, *allow ? ", " : "",
                                             m == METHOD_GET ? "GET, HEAD" : method_names[m]);
        return allow;
}
