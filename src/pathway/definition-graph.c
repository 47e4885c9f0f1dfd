/* The states of a definition as a graph: each can be reached, none is a trap, and no clock outlives its referral. */
#include <stdio.h>
#include <string.h>

#include "definition.h"

struct graph {
        struct check *check;
        const json_t *states, *transitions;
        size_t n;
        bool follows[DEFINITION_STATES_MAX][DEFINITION_STATES_MAX];  /* a step leads from the one to the other */
        bool by_people[DEFINITION_STATES_MAX];                       /* somebody may take a step from here */
};

static bool is_final(const struct graph *graph, size_t state) {
        return json_is_true(json_object_get(json_array_get(graph->states, state), "final"));
}

static const char *state_name(const struct graph *graph, size_t state) {
        return definition_text(json_array_get(graph->states, state), "state");
}

static void read_graph(struct graph *graph) {
        size_t n, i;
        json_t *transition, *from;
        json_array_foreach (graph->transitions, n, transition) {
                int to = definition_state(graph->check, definition_text(transition, "to"));
                const char *side = definition_text(transition, "side");
                json_array_foreach (json_object_get(transition, "from"), i, from) {
                        int at = definition_state(graph->check, json_string_value(from));
                        graph->follows[at][to] = true;
                        graph->by_people[at] |= strcmp(side, "SYSTEM") != 0;
                }
        }
}

/* Marks what can be reached from `start`, `start` included, without going on from a state in `barred`. */
static void spread(const struct graph *graph, size_t start, const bool *barred, bool *reached) {
        size_t stack[DEFINITION_STATES_MAX], depth = 0;
        memset(reached, 0, DEFINITION_STATES_MAX * sizeof *reached);
        reached[start] = true;
        stack[depth++] = start;
        while (depth > 0) {
                size_t at = stack[--depth];
                for (size_t to = 0; to < graph->n && !(barred && barred[at]); to++)
                        if (graph->follows[at][to] && !reached[to]) {
                                reached[to] = true;
                                stack[depth++] = to;
                        }
        }
}

static bool reaches_final(const struct graph *graph, size_t start, const bool *barred) {
        bool reached[DEFINITION_STATES_MAX];
        spread(graph, start, barred, reached);
        for (size_t i = 0; i < graph->n; i++)
                if (reached[i] && is_final(graph, i) && !(barred && barred[i]))
                        return true;
        return false;
}

static size_t initial_state(const struct graph *graph) {
        size_t n;
        json_t *state;
        json_array_foreach (graph->states, n, state)
                if (json_is_true(json_object_get(state, "initial")))
                        return n;
        return 0;
}

static void check_states(struct graph *graph) {
        bool reached[DEFINITION_STATES_MAX];
        char pointer[64];
        spread(graph, initial_state(graph), NULL, reached);
        for (size_t i = 0; i < graph->n; i++) {
                snprintf(pointer, sizeof pointer, "/states/%zu", i);
                if (!reached[i])
                        definition_fault(graph->check, pointer, "no steps lead to %s", state_name(graph, i));
                else if (!is_final(graph, i) && !graph->by_people[i])
                        definition_fault(graph->check, pointer, "%s is a dead end: nobody can take a step from it",
                                         state_name(graph, i));
                else if (!is_final(graph, i) && !reaches_final(graph, i, NULL))
                        definition_fault(graph->check, pointer, "no steps lead from %s to an end",
                                         state_name(graph, i));
        }
}

/* A clock that is never stopped would be late for ever in the statistics. */
static void check_clock(struct graph *graph, size_t n, const json_t *clock) {
        bool stops[DEFINITION_STATES_MAX] = { false }, reached[DEFINITION_STATES_MAX], any = false;
        const char *start_state = definition_text(clock, "start_state");
        size_t start = start_state ? (size_t) definition_state(graph->check, start_state) : initial_state(graph), i;
        char pointer[64];
        json_t *stop;
        json_array_foreach (json_object_get(clock, "stops"), i, stop)
                stops[definition_state(graph->check, json_string_value(stop))] = true;
        spread(graph, start, NULL, reached);
        for (i = 0; i < graph->n; i++)
                any |= stops[i] && reached[i] && i != start;
        json_array_foreach (json_object_get(clock, "not_applicable"), i, stop)
                stops[definition_state(graph->check, json_string_value(stop))] = true;
        snprintf(pointer, sizeof pointer, "/clocks/%zu/stops", n);
        if (!any)
                definition_fault(graph->check, pointer, "the clock is never stopped: none of these follows %s",
                                 state_name(graph, start));
        else if (reaches_final(graph, start, stops))
                definition_fault(graph->check, pointer, "the referral can end without stopping this clock");
}

void definition_check_graph(struct check *check) {
        struct graph graph = { .check = check, .states = json_object_get(check->definition, "states"),
                               .transitions = json_object_get(check->definition, "transitions") };
        size_t n;
        json_t *clock;
        graph.n = json_array_size(graph.states);
        read_graph(&graph);
        check_states(&graph);
        json_array_foreach (json_object_get(check->definition, "clocks"), n, clock)
                check_clock(&graph, n, clock);
}
