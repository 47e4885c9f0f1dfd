/* What the renderer adds to Mustache, what it refuses, and where it stops. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "view/template.h"

static struct template_set *parse(const struct embedded_file *files, size_t n) {
        struct template_set *set = NULL;
        char *error = NULL;
        if (template_set_parse(&(struct embedded_set) { files, n }, &set, &error) < 0)
                fail_msg("%s", error);
        return set;
}

static struct embedded_file file(const char *name, const char *text) {
        return (struct embedded_file) { name, (const unsigned char *) text, strlen(text) };
}

/* Renders one template against one object. */
static void assert_renders(const char *text, const char *data, const struct template_options *options,
                           const char *expected) {
        const struct embedded_file source = file("page.mustache", text);
        _cleanup_(template_set_free_p) struct template_set *set = parse(&source, 1);
        json_t *context = json_loads(data, 0, NULL);
        assert_non_null(context);
        _cleanup_buffer_ struct buffer out = { 0 };
        assert_int_equal(template_render(set, "page", &context, 1, options, &out), 0);
        assert_string_equal(out.data ? out.data : "", expected);
        json_decref(context);
}

static void a_template_that_is_wrong_is_refused_with_its_line(void **state) {
        static const struct {
                const char *file, *text, *expected;
        } cases[] = {
                { "a/b.mustache", "x\n{{#a}}\n", "a/b.mustache:2: section 'a' is never closed" },
                { "a/b.mustache", "{{#a}}\n\n{{/b}}", "a/b.mustache:3: 'b' is closed where 'a' (line 1) is open" },
                { "a/b.mustache", "\n{{/b}}", "a/b.mustache:2: 'b' is closed but was not opened" },
                { "a/b.mustache", "\n\n{{a", "a/b.mustache:3: a tag is never closed" },
                { "a/b.mustache", "{{}}", "a/b.mustache:1: '' is not a name" },
                { "a/b.mustache", "{{a b}}", "a/b.mustache:1: 'a b' is not a name" },
                { "a/b.mustache", "{{a..b}}", "a/b.mustache:1: 'a..b' is not a name" },
                { "a/b.mustache", "\n{{>x}}", "a/b.mustache:2: there is no partial 'x'" },
                { "a/b.mustache", "{{=x=}}", "a/b.mustache:1: 'x' is not a pair of delimiters" },
                { "a/b.mustache", "\n{{at|when}}", "a/b.mustache:2: there is no formatter 'when'" },
                { "a/b.mustache", "{{at|label}}", "a/b.mustache:1: formatter 'label' needs an argument" },
                { "a/b.mustache", "{{at|date:x}}", "a/b.mustache:1: formatter 'date' takes no argument" },
                { "a/b.mustache", "{{{name}}}", "a/b.mustache:1: 'name' may not be put in without escaping here" },
                { "a/b.mustache", "{{&x_html}}", "a/b.mustache:1: 'x_html' may not be put in without escaping here" },
                { "partial/b.mustache", "{{{name}}}",
                  "partial/b.mustache:1: 'name' may not be put in without escaping here" },
                { "partial/b.mustache", "{{{html|date}}}", "partial/b.mustache:1: a formatter needs an escaped value" },
                { "a/b.mustache", "{{#_}}<b>{{/_}}", "a/b.mustache:1: translated text holds no markup" },
                { "a/b.mustache", "{{#_}} {{/_}}", "a/b.mustache:1: there is no text to translate" },
                { "a/b.mustache", "{{#_}}x{{#a}}y{{/a}}{{/_}}",
                  "a/b.mustache:1: translated text holds plain text and values only" },
        };
        for (size_t i = 0; i < ELEMENTS(cases); i++) {
                const struct embedded_file source = file(cases[i].file, cases[i].text);
                struct template_set *set = NULL;
                _cleanup_free_ char *error = NULL;
                assert_int_equal(template_set_parse(&(struct embedded_set) { &source, 1 }, &set, &error), -1);
                assert_null(set);
                assert_string_equal(error, cases[i].expected);
        }
}

static void raw_text_is_allowed_by_name(void **state) {
        assert_renders("{{{body_html}}}{{{chart_svg}}}{{&qr_svg}}", "{\"body_html\":\"<\",\"chart_svg\":\">\"}", NULL, "<>");
        const struct embedded_file partial = file("partial/x.mustache", "{{{html}}}{{{a.html}}}{{{label_html}}}{{{q_svg}}}");
        template_set_free(parse(&partial, 1));
}

static const char *translate(void *userdata, const char *text) {
        assert_string_equal(userdata, "cy");
        return !strcmp(text, "Sent by {{name}} on {{at|date}}") ? "Ar {{at}}, gan {{name}} <{{other}}>" : NULL;
}

static void translated_text_keeps_its_values(void **state) {
        const struct template_options options = { .translate = translate, .userdata = (char[]) { "cy" } };
        const char *text = "<p>{{#_}}Sent by {{name}} on {{at|date}}{{/_}}</p>",
                   *data = "{\"name\":\"<Ada>\",\"at\":\"2026-11-22\",\"other\":\"secret\"}";
        assert_renders(text, data, NULL, "<p>Sent by &lt;Ada&gt; on 22 November 2026</p>");
        assert_renders(text, data, &options, "<p>Ar 22 November 2026, gan &lt;Ada&gt; &lt;&gt;</p>");
        assert_renders("{{#_}}Terms & conditions{{/_}}", "{}", &options, "Terms &amp; conditions");
}

static const char *label(void *userdata, const char *list, const char *code) {
        return !strcmp(list, "outcome") ? "Met <all>" : NULL;
}

static void labels_are_escaped(void **state) {
        const struct template_options options = { .label = label };
        assert_renders("{{x|label:outcome}} {{ x | label:else }}", "{\"x\":\"M&T\"}", &options, "Met &lt;all&gt; M&amp;T");
}

static void inner_contexts_come_before_outer_ones(void **state) {
        const struct embedded_file source = file("page.mustache", "{{a}}{{b}}{{c}}");
        _cleanup_(template_set_free_p) struct template_set *set = parse(&source, 1);
        json_t *contexts[] = { json_pack("{sisi}", "a", 1, "b", 1), json_pack("{sisi}", "b", 2, "c", 2) };
        _cleanup_buffer_ struct buffer out = { 0 };
        buffer_append_string(&out, "> ");
        assert_int_equal(template_render(set, "page", contexts, 2, NULL, &out), 0);
        assert_string_equal(out.data, "> 122");
        assert_int_equal(template_render(set, "nowhere", contexts, 2, NULL, &out), TEMPLATE_UNKNOWN);
        assert_string_equal(out.data, "> 122");
        json_decref(contexts[0]);
        json_decref(contexts[1]);
}

static void sections_nest_up_to_the_limit(void **state) {
        for (int depth = TEMPLATE_NESTING_MAX; depth <= TEMPLATE_NESTING_MAX + 1; depth++) {
                _cleanup_buffer_ struct buffer text = { 0 };
                for (int i = 0; i < depth; i++)
                        buffer_append_string(&text, "{{#a}}");
                for (int i = 0; i < depth; i++)
                        buffer_append_string(&text, "{{/a}}");
                const struct embedded_file source = file("page.mustache", text.data);
                struct template_set *set = NULL;
                _cleanup_free_ char *error = NULL;
                int r = template_set_parse(&(struct embedded_set) { &source, 1 }, &set, &error);
                assert_int_equal(r, depth > TEMPLATE_NESTING_MAX ? -1 : 0);
                if (r < 0)
                        assert_string_equal(error, "page.mustache:1: more than 32 sections within each other");
                template_set_free(set);
        }
}

static void a_partial_without_end_is_stopped(void **state) {
        const struct embedded_file source = file("page.mustache", "x{{>page}}");
        _cleanup_(template_set_free_p) struct template_set *set = parse(&source, 1);
        _cleanup_buffer_ struct buffer out = { 0 };
        buffer_append_string(&out, "kept");
        assert_int_equal(template_render(set, "page", NULL, 0, NULL, &out), TEMPLATE_TOO_DEEP);
        assert_string_equal(out.data, "kept");
}

static void contexts_without_end_are_stopped(void **state) {
        const struct embedded_file source = file("page.mustache",
                                                 "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{>page}}"
                                                 "{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}");
        _cleanup_(template_set_free_p) struct template_set *set = parse(&source, 1);
        json_t *context = json_pack("{sb}", "a", 1);
        _cleanup_buffer_ struct buffer out = { 0 };
        assert_int_equal(template_render(set, "page", &context, 1, NULL, &out), TEMPLATE_TOO_DEEP);
        json_decref(context);
}

static void output_stops_at_its_limit(void **state) {
        const struct embedded_file source = file("page.mustache", "{{#list}}0123456789{{/list}}");
        _cleanup_(template_set_free_p) struct template_set *set = parse(&source, 1);
        json_t *list = json_array(), *context = json_pack("{so}", "list", list);
        for (int i = 0; i < 10; i++)
                json_array_append_new(list, json_integer(i));
        _cleanup_buffer_ struct buffer out = { 0 };
        struct template_options options = { .output_max = 100 };
        assert_int_equal(template_render(set, "page", &context, 1, &options, &out), 0);
        assert_int_equal(out.size, 100);
        options.output_max = 99;
        assert_int_equal(template_render(set, "page", &context, 1, &options, &out), TEMPLATE_TOO_LARGE);
        assert_int_equal(out.size, 100);
        for (int i = 10; i <= TEMPLATE_OUTPUT_MAX / 10; i++)
                json_array_append_new(list, json_integer(i));
        assert_int_equal(template_render(set, "page", &context, 1, NULL, &out), TEMPLATE_TOO_LARGE);
        json_decref(context);
}

static void note_variable(void *userdata, const struct template_variable *variable) {
        struct buffer *list = userdata;
        buffer_append_format(list, "%s:%u ", variable->file, variable->line);
        for (size_t i = 0; i < variable->n_sections; i++)
                buffer_append_format(list, "%s/", variable->sections[i]);
        buffer_append_format(list, "%s%s\n", variable->name, variable->use == TEMPLATE_USE_INVERTED ? "!" : "");
}

static void every_variable_is_listed_with_its_sections(void **state) {
        const struct embedded_file files[] = {
                file("page.mustache", "{{title}}\n{{#people}}{{>partial/person}}{{/people}}\n{{^people}}{{#_}}None, "
                                      "{{user.name}}{{/_}}{{/people}}"),
                file("partial/person.mustache", "{{name}} {{{x_html}}}{{#children}}{{>partial/person}}{{/children}}"),
        };
        _cleanup_(template_set_free_p) struct template_set *set = parse(files, 2);
        _cleanup_buffer_ struct buffer list = { 0 };
        assert_int_equal(template_variables(set, "page", note_variable, &list), 0);
        assert_string_equal(list.data, "page.mustache:1 title\n"
                                       "page.mustache:2 people\n"
                                       "partial/person.mustache:1 people/name\n"
                                       "partial/person.mustache:1 people/x_html\n"
                                       "partial/person.mustache:1 people/children\n"
                                       "page.mustache:3 people!\n"
                                       "page.mustache:3 user.name\n");
        assert_int_equal(template_variables(set, "nowhere", note_variable, &list), -1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_template_that_is_wrong_is_refused_with_its_line),
                cmocka_unit_test(raw_text_is_allowed_by_name),
                cmocka_unit_test(translated_text_keeps_its_values),
                cmocka_unit_test(labels_are_escaped),
                cmocka_unit_test(inner_contexts_come_before_outer_ones),
                cmocka_unit_test(sections_nest_up_to_the_limit),
                cmocka_unit_test(a_partial_without_end_is_stopped),
                cmocka_unit_test(contexts_without_end_are_stopped),
                cmocka_unit_test(output_stops_at_its_limit),
                cmocka_unit_test(every_variable_is_listed_with_its_sections),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
