/* Choosing, and times. */
#include <stdio.h>
#include <time.h>

#include "internal.h"
#include "view/format.h"

/* SplitMix64. */
static uint64_t next(struct chance *chance) {
        uint64_t z = chance->state += 0x9e3779b97f4a7c15u;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
}

unsigned chance_below(struct chance *chance, unsigned n) {
        return (unsigned) (next(chance) % n);
}

bool chance_percent(struct chance *chance, unsigned percent) {
        return chance_below(chance, 100) < percent;
}

int64_t chance_between(struct chance *chance, int64_t least, int64_t most) {
        return least + (int64_t) (next(chance) % (uint64_t) (most - least + 1));
}

json_t *chance_item(struct chance *chance, const json_t *array) {
        return json_array_get(array, chance_below(chance, (unsigned) json_array_size(array)));
}

const char *chance_text(struct chance *chance, const json_t *array) {
        return json_string_value(chance_item(chance, array));
}

static struct tm parts_of(int64_t at) {
        time_t seconds = (time_t) at;
        struct tm parts;
        gmtime_r(&seconds, &parts);
        return parts;
}

void instant_write(int64_t at, char ret_text[static INSTANT_TEXT]) {
        const struct tm parts = parts_of(at);
        strftime(ret_text, INSTANT_TEXT, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

void london_day_write(int64_t at, char ret_text[static 11]) {
        const struct tm parts = parts_of(at + format_london_offset(at));
        strftime(ret_text, 11, "%Y-%m-%d", &parts);
}

int64_t past_weekend(int64_t at) {
        /* 1 January 1970 was a Thursday. */
        unsigned day = (unsigned) ((at + format_london_offset(at)) / DAY + 3) % 7;
        return at + (day >= 5 ? (7 - day) * DAY : 0);
}
