#include "http/codes.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

struct codes {
        atomic_uint references;
        json_t *lists; /* as they were read */
        json_t *items; /* list -> code -> item, for look-up */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the pointer alone */
static struct codes *current;

void codes_unref(struct codes *codes) {
        if (!codes || atomic_fetch_sub(&codes->references, 1) != 1)
                return;
        json_decref(codes->lists);
        json_decref(codes->items);
        free(codes);
}

struct codes *codes_ref(struct codes *codes) {
        atomic_fetch_add(&codes->references, 1);
        return codes;
}

static bool index_list(json_t *items, const char *list, json_t *array) {
        json_t *by_code = json_object(), *item;
        size_t i;
        json_object_set_new(items, list, by_code);
        if (!json_is_array(array) && !json_is_null(array)) /* SQL says null of a list without items */
                return false;
        json_array_foreach(array, i, item) {
                const char *code = json_string_value(json_object_get(item, "code"));
                if (!code || !json_is_string(json_object_get(item, "label")) || json_object_get(by_code, code))
                        return false;
                json_object_set(by_code, code, item);
        }
        return true;
}

int codes_parse(const char *json, size_t size, struct codes **ret_codes) {
        _cleanup_(codes_unref_p) struct codes *codes = memory_new(1, sizeof(*codes));
        json_t *array;
        const char *list;

        codes->references = 1;
        codes->items = json_object();
        codes->lists = json_loadb(json, size, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(codes->lists))
                return -1;
        json_object_foreach(codes->lists, list, array)
                if (!index_list(codes->items, list, array))
                        return -1;
        *ret_codes = TAKE(codes);
        return 0;
}

void codes_install(struct codes *codes) {
        pthread_mutex_lock(&lock);
        struct codes *before = current;
        current = codes;
        pthread_mutex_unlock(&lock);
        codes_unref(before);
}

struct codes *codes_current(void) {
        pthread_mutex_lock(&lock);
        struct codes *codes = current ? codes_ref(current) : NULL;
        pthread_mutex_unlock(&lock);
        return codes;
}

const json_t *codes_all(const struct codes *codes) {
        return codes->lists;
}

const json_t *codes_list(const struct codes *codes, const char *list) {
        return json_object_get(codes->lists, list);
}

static json_t *find_item(const struct codes *codes, const char *list, size_t list_size, const char *code) {
        char name[64];
        if (list_size >= sizeof(name))
                return NULL;
        memcpy(name, list, list_size);
        name[list_size] = '\0';
        return json_object_get(json_object_get(codes->items, name), code);
}

const char *codes_label(const struct codes *codes, const char *list, const char *code) {
        return json_string_value(json_object_get(find_item(codes, list, strlen(list), code), "label"));
}

bool codes_exist(const char *list, const char *code) {
        _cleanup_(codes_unref_p) struct codes *codes = codes_current();
        if (!codes)
                return false;
        for (const char *p = list;; p++) {
                size_t size = strcspn(p, "|");
                json_t *item = find_item(codes, p, size, code);
                if (item && !json_is_true(json_object_get(item, "retired")))
                        return true;
                p += size;
                if (!*p)
                        return false;
        }
}
