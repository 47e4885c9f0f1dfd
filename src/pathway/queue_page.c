/* The queue: a morning's page for somebody with sixty open cases. */
#include <string.h>

#include "http/filter.h"
#include "pathway/clock.h"
#include "pathway/pages.h"
#include "words.h"

#define QUEUE "/referrals"

/* Counts are taken no further than this (sql/functions/70_referral.sql, referral_counts). */
enum { COUNT_MOST = 100 };

static const char *const filters[] = { "due", "pathway", "state", "area", "sort", NULL };

const char *pathway_queue_address(const struct request *request) {
        return filter_link(request, QUEUE, filters, "", NULL);
}

static const char *count_text(struct request *request, const json_t *count) {
        long long n = json_integer_value(count);
        if (!count)
                return NULL;
        return n >= COUNT_MOST ? "more than 99" : arena_format(request->arena, "%lld", n);
}

/* "Late (3)", for the page's title. */
static json_t *list_title(const char *text, const char *count) {
        return count ? json_sprintf("%s (%s)", text, count) : json_string(text);
}

/* The work lists, each a link with what it holds. */
static void add_lists(struct request *request, json_t *resource) {
        static const struct {
                const char *due, *count, *text;
        } lists[] = {
                { NULL, "all", "All that wait for you" },
                { "NEW", "new", "New" },
                { "TODAY", "today", "Due today" },
                { "LATE", "late", "Late" },
                { "WAITING", "waiting", "Waiting for others" },
                { "DECLINED", "declined", "Declined by the lead" },
        };
        const char *chosen = request_parameter(request, "due");
        const json_t *counts = json_object_get(resource, "counts");
        json_t *shown = json_array();
        for (size_t i = 0; i < ELEMENTS(lists); i++) {
                const char *due = lists[i].due, *text = lists[i].text;
                const char *link = filter_link(request, QUEUE, filters, "due", due);
                const char *count = count_text(request, json_object_get(counts, lists[i].count));
                bool current = due ? chosen && strcmp(chosen, due) == 0 : !chosen;
                json_array_append_new(shown, json_pack("{s:s, s:s?, s:s, s:b}", "text", text, "count", count,
                                                       "href", link, "current", current));
                if (current)
                        words_set(resource, "list_text", text);
                if (current && due)
                        json_object_set_new(resource, "list_title", list_title(text, count));
        }
        json_object_set_new(resource, "lists", shown);
}

static void add_filters(struct request *request, json_t *resource) {
        static const struct {
                const char *name, *label, *list, *all;
        } selects[] = {
                { "pathway", "Pathway", "pathway", "All pathways" },
                { "state", "Status", "referral_state", "Everywhere" },
                { "area", "Authority", "authority", "All authorities" },
        };
        json_t *shown = json_array();
        bool any = false;
        for (size_t i = 0; i < ELEMENTS(selects); i++) {
                const char *name = selects[i].name;
                json_array_append_new(shown, filter_select(request, name, selects[i].label, selects[i].list,
                                                           selects[i].all));
                any |= request_parameter(request, name) != NULL;
        }
        json_object_set_new(resource, "filters", shown);
        json_object_set_new(resource, "filtered", json_boolean(any));
        json_object_set_new(resource, "asked", filter_values(request, filters));
        words_set(resource, "clear", QUEUE);
}

/* Columns that sort are links; the order is the server's. */
static void add_columns(struct request *request, json_t *resource) {
        static const struct {
                const char *text, *sort, *explained;
        } columns[] = {
                { "Referral", NULL, NULL },
                { "Status", NULL, NULL },
                { "Due", "DUE", "what is due first" },
                { "Opened", "OPENED", "the oldest first" },
                { "Perception and outcome", NULL, NULL },
        };
        const char *given = request_parameter(request, "sort"), *due = request_parameter(request, "due");
        bool fixed = due && (strcmp(due, "WAITING") == 0 || strcmp(due, "DECLINED") == 0); /* these have one order */
        const char *current = given && !fixed ? given : "DUE";
        json_t *shown = json_array();
        for (size_t i = 0; i < ELEMENTS(columns); i++) {
                const char *sort = columns[i].sort, *link = NULL, *sorted = NULL;
                if (sort && !fixed) { /* DUE is the order without asking */
                        link = filter_link(request, QUEUE, filters, "sort", strcmp(sort, "DUE") ? sort : NULL);
                        sorted = "none";
                }
                if (sort && strcmp(sort, current) == 0)
                        sorted = "ascending";
                json_array_append_new(shown, json_pack("{s:s, s:s?, s:s?, s:s?}", "text", columns[i].text, "href", link,
                                                       "explained", columns[i].explained, "sort", sorted));
        }
        json_object_set_new(resource, "columns", shown);
}

/* Perception and outcome stand in one cell: neither is to be read without the other. */
static void add_row_words(const struct codes *codes, json_t *item, const char *as_at, bool declined) {
        _cleanup_buffer_ struct buffer perceived = { 0 }, clock = { 0 };
        const char *outcome = words_member(item, "outcome"), *name = words_member(item, "pathway_name");
        enum clock_tone tone = clock_words(item, "clock_status", as_at, &clock);
        words_list(codes, "perceived_by", json_object_get(item, "perceived_by"), &perceived);
        words_set(item, "perceived", perceived.size ? perceived.data : "");
        if (outcome)
                words_set(item, "outcome_label", words_label(codes, words_member(item, "outcome_list"), outcome));
        json_object_set_new(item, "clock", clock.size ? json_string(clock.data) : json_null());
        json_object_set_new(item, "late", json_boolean(tone == CLOCK_LATE));
        json_object_set_new(item, "soon", json_boolean(tone == CLOCK_SOON));
        /* "LADO: allegation against a person who works with children": the page of the referral says all of it. */
        json_object_set_new(item, "pathway_short", json_stringn(name ? name : "", name ? strcspn(name, ":") : 0));
        words_set(item, "area_label", words_label(codes, "authority", words_member(item, "area")));
        if (json_is_true(json_object_get(item, "new")) && (declined || json_is_true(json_object_get(item, "waits_for_us"))))
                json_object_set_new(item, "can_acknowledge", json_true());
}

/* Boxes that were ticked stay so when the page is made again. */
static bool was_ticked(const struct request *request, const json_t *item) {
        const json_t *given = request->refused ? json_object_get(request->body, "referrals") : NULL;
        size_t n;
        json_t *one;
        json_array_foreach (given, n, one)
                if (json_equal(one, json_object_get(item, "reference")))
                        return true;
        return false;
}

void pathway_decorate_queue(struct request *request, json_t *resource) {
        _cleanup_(codes_unref_p) struct codes *codes = codes_current();
        const json_t *items = json_object_get(resource, "items");
        const char *due = request_parameter(request, "due");
        bool can = false, declined = due && strcmp(due, "DECLINED") == 0;
        size_t n;
        json_t *item;
        json_array_foreach (items, n, item) {
                add_row_words(codes, item, words_member(resource, "as_at"), declined);
                can |= json_object_get(item, "can_acknowledge") != NULL;
                if (was_ticked(request, item))
                        json_object_set_new(item, "ticked", json_true());
        }
        add_lists(request, resource);
        add_filters(request, resource);
        add_columns(request, resource);
        json_object_set_new(resource, "empty", json_boolean(json_array_size(items) == 0));
        bool may = json_object_get(json_object_get(request->frame, "may"), "REFERRAL_TAKE");
        json_object_set_new(resource, "can_acknowledge", json_boolean(can && may));
        if (request->refused)
                json_object_set_new(resource, "problems", json_incref(request->faults));
}
