/* The renderer against the rules of the Mustache specification, one case a line: every section that is not optional. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdint.h>
#include <string.h>

#include "view/template.h"

struct spec_case {
        const char *name, *data, *template, *expected;
        const char *partial_name, *partial; /* or NULL */
};

static const struct spec_case cases[] = {
        /* Interpolation. */
        { "text without tags stays as it is", "{}", "Plain {words}\n", "Plain {words}\n" },
        { "a name is replaced by its value", "{\"who\":\"Ada\"}", "Hi {{who}}!", "Hi Ada!" },
        { "a value is not read as a template", "{\"a\":\"{{b}}\",\"b\":1}", "{{a}}", "{{b}}" },
        { "markup in a value is escaped", "{\"a\":\"& \\\" < > '\"}", "{{a}}", "&amp; &quot; &lt; &gt; &#39;" },
        { "three braces do not escape", "{\"a_html\":\"& < >\"}", "{{{a_html}}}", "& < >" },
        { "an ampersand does not escape", "{\"a_html\":\"& < >\"}", "{{&a_html}}", "& < >" },
        { "an integer", "{\"n\":85}", "{{n}}!", "85!" },
        { "a real in its shortest form", "{\"n\":0.1}", "{{n}}", "0.1" },
        { "null is nothing", "{\"n\":null}", "({{n}})", "()" },
        { "an absent name is nothing", "{}", "({{n}}) ({{{n_html}}})", "() ()" },
        { "a dotted name", "{\"p\":{\"q\":{\"r\":\"Joe\"}}}", "{{p.q.r}}", "Joe" },
        { "a dotted name that breaks off is nothing", "{\"p\":{\"q\":{}},\"r\":{\"s\":1}}", "({{p.q.r.s}})", "()" },
        { "only the first part of a dotted name looks outwards", "{\"a\":{\"b\":{}},\"b\":{\"c\":\"no\"}}",
          "{{#a}}({{b.c}}){{/a}}", "()" },
        { "the first part looks outwards", "{\"a\":{\"x\":1},\"b\":{\"c\":\"yes\"}}", "{{#a}}{{b.c}}{{/a}}", "yes" },
        { "a dot is the value itself", "{\"a\":[\"x&\",2]}", "{{#a}}[{{.}}]{{/a}}", "[x&amp;][2]" },
        { "space around a tag is kept", "{\"a\":1}", "| {{a}} |", "| 1 |" },
        { "a value alone on its line keeps the line", "{\"a\":1}", "  {{a}}\n", "  1\n" },
        { "space inside a tag is ignored", "{\"a\":1,\"b_html\":2}", "|{{ a }}{{{ b_html }}}{{& b_html }}|", "|122|" },

        /* Sections. */
        { "true shows the section", "{\"a\":true}", "{{#a}}yes{{/a}}", "yes" },
        { "false hides it", "{\"a\":false}", "({{#a}}yes{{/a}})", "()" },
        { "null hides it", "{\"a\":null}", "({{#a}}yes{{/a}})", "()" },
        { "an absent name hides it", "{}", "({{#a}}yes{{/a}})", "()" },
        { "an empty string hides it", "{\"a\":\"\"}", "({{#a}}yes{{/a}})", "()" },
        { "zero is a figure and shows it", "{\"a\":0}", "{{#a}}{{.}}{{/a}}", "0" },
        { "an object becomes the context", "{\"c\":{\"n\":\"Joe\"}}", "{{#c}}Hi {{n}}{{/c}}", "Hi Joe" },
        { "outer names are seen within", "{\"a\":\"foo\",\"s\":{\"b\":\"bar\"}}", "{{#s}}{{a}}{{b}}{{/s}}", "foobar" },
        { "an inner null hides an outer value", "{\"a\":\"x\",\"s\":{\"a\":null}}", "{{#s}}({{a}}){{/s}}", "()" },
        { "a list repeats the section", "{\"l\":[{\"i\":1},{\"i\":2}]}", "{{#l}}{{i}},{{/l}}", "1,2," },
        { "an empty list hides it", "{\"l\":[]}", "({{#l}}x{{/l}})", "()" },
        { "lists within lists", "{\"l\":[[1,2],[3]]}", "{{#l}}({{#.}}{{.}}{{/.}}){{/l}}", "(12)(3)" },
        { "the same section twice", "{\"a\":true}", "{{#a}}1{{/a}} {{#a}}2{{/a}}", "1 2" },
        { "sections within sections of the same name", "{\"a\":true}", "<{{#a}}b{{#a}}c{{/a}}d{{/a}}>", "<bcd>" },
        { "a false section hides the true one within", "{\"a\":false,\"b\":true}", "({{#a}}{{#b}}x{{/b}}{{/a}})",
          "()" },
        { "deep contexts all stay in reach", "{\"a\":{\"o\":1},\"b\":{\"t\":2},\"c\":{\"d\":3}}",
          "{{#a}}{{o}}{{#b}}{{o}}{{t}}{{#c}}{{o}}{{t}}{{d}}{{/c}}{{/b}}{{/a}}", "112123" },
        { "a dotted section", "{\"a\":{\"b\":{\"c\":true}}}", "{{#a.b.c}}x{{/a.b.c}}", "x" },
        { "a dotted section that breaks off", "{\"a\":{}}", "({{#a.b.c}}x{{/a.b.c}})", "()" },
        { "space around section tags is kept", "{\"b\":true}", " | {{#b}}\t|\t{{/b}} | \n", " | \t|\t | \n" },
        { "space inside section tags is ignored", "{\"b\":true}", "|{{# b }}={{/ b }}|", "|=|" },
        { "section tags alone on their lines leave none", "{\"b\":true}", "|\n{{#b}}\n|x\n{{/b}}\n|\n", "|\n|x\n|\n" },
        { "so do indented ones", "{\"b\":true}", "|\n  {{#b}}\n|x\n\t{{/b}}  \n|\n", "|\n|x\n|\n" },
        { "and ones with carriage returns", "{\"b\":true}", "|\r\n{{#b}}\r\n{{/b}}\r\n|", "|\r\n|" },
        { "and ones at the beginning", "{\"b\":true}", "  {{#b}}\n#{{/b}}\n/", "#\n/" },
        { "and ones at the end", "{\"b\":true}", "#{{#b}}\n/\n  {{/b}}", "#\n/\n" },
        { "two tags on a line are not alone", "{\"b\":true}", " {{#b}}YES{{/b}}\n {{#b}}GOOD{{/b}}\n",
          " YES\n GOOD\n" },

        /* Inverted sections. */
        { "inverted: false shows it", "{\"a\":false}", "{{^a}}no{{/a}}", "no" },
        { "inverted: null shows it", "{\"a\":null}", "{{^a}}no{{/a}}", "no" },
        { "inverted: absent shows it", "{}", "{{^a}}no{{/a}}", "no" },
        { "inverted: an empty list shows it", "{\"a\":[]}", "{{^a}}no{{/a}}", "no" },
        { "inverted: true hides it", "{\"a\":true}", "({{^a}}no{{/a}})", "()" },
        { "inverted: an object hides it", "{\"a\":{}}", "({{^a}}no{{/a}})", "()" },
        { "inverted: a list hides it", "{\"a\":[1]}", "({{^a}}no{{/a}})", "()" },
        { "inverted: dotted names", "{\"a\":{\"b\":false}}", "{{^a.b}}1{{/a.b}}{{^a.c}}2{{/a.c}}{{^d.e}}3{{/d.e}}",
          "123" },
        { "inverted: nested", "{\"a\":false}", "|{{^a}}b{{^a}}c{{/a}}d{{/a}}|", "|bcd|" },
        { "inverted: alone on its line", "{\"b\":false}", "|\n{{^b}}\n|x\n{{/b}}\n|\n", "|\n|x\n|\n" },
        { "inverted: indented", "{}", "|\n  {{^b}}  \r\n|\n {{/b}}\r\n|", "|\n|\n|" },
        { "inverted: space inside is ignored", "{}", "|{{^ b }}={{/ b }}|", "|=|" },

        /* Comments. */
        { "a comment is nothing", "{}", "12345{{! a note }}67890", "1234567890" },
        { "a comment of many lines", "{}", "12{{!\n  a\n  b\n}}34\n", "1234\n" },
        { "a comment alone on its line", "{}", "Begin.\n{{! note }}\nEnd.\n", "Begin.\nEnd.\n" },
        { "an indented one", "{}", "Begin.\n  {{! note }}\nEnd.\n", "Begin.\nEnd.\n" },
        { "one of many lines, alone", "{}", "Begin.\n  {{!\n  note\n  }}\nEnd.\n", "Begin.\nEnd.\n" },
        { "one with carriage returns", "{}", "|\r\n{{! note }}\r\n|", "|\r\n|" },
        { "one at the beginning and one at the end", "{}", "  {{! a }}\n!\n  {{! b }}", "!\n" },
        { "one within a line", "{}", "  12 {{! 34 }}\n", "  12 \n" },
        { "tags within a comment are part of it", "{\"a\":1}", "{{! {{a }}|", "|" },

        /* Delimiters. */
        { "a pair of other delimiters", "{\"t\":\"Hey\"}", "{{=<% %>=}}(<%t%>) {{t}}", "(Hey) {{t}}" },
        { "characters that mean something elsewhere", "{\"t\":\"Works\"}", "({{=[ ]=}}[t])", "(Works)" },
        { "sections under other delimiters", "{\"s\":true,\"d\":1}",
          "[{{#s}}{{d}}|d|{{/s}}{{= | | =}}|#s|{{d}}|d||/s|]", "[1|d|{{d}}1]" },
        { "partials begin with the usual ones", "{\"v\":\"yes\"}", "{{=| |=}}[|>p|]", "[.yes.]", "p", ".{{v}}." },
        { "delimiters changed in a partial end with it", "{\"v\":\"yes\"}", "{{>p}} [.{{v}}. .|v|.]",
          ".yes. [.yes. .|v|.]", "p", "{{=| |=}}.|v|." },
        { "space around the tag is kept", "{}", "| {{=@ @=}} |", "|  |" },
        { "alone on its line it leaves none", "{}", "Begin.\n  {{=@ @=}}\nEnd.\n", "Begin.\nEnd.\n" },
        { "with carriage returns", "{}", "|\r\n{{= @ @ =}}\r\n|", "|\r\n|" },
        { "space within is ignored", "{\"a\":1}", "|{{= @   @ =}}@a@|", "|1|" },

        /* Partials. */
        { "a partial is put in", "{}", "\"{{>p}}\"", "\"from partial\"", "p", "from partial" },
        { "it sees the context", "{\"t\":\"x\"}", "{{>p}}", "*x*", "p", "*{{t}}*" },
        { "it sees the section it stands in", "{\"o\":{\"t\":\"x\"}}", "{{#o}}{{>p}}{{/o}}", "*x*", "p", "*{{t}}*" },
        { "it may hold itself", "{\"c\":\"X\",\"n\":[{\"c\":\"Y\",\"n\":[]}]}", "{{>p}}", "X<Y<>>", "p",
          "{{c}}<{{#n}}{{>p}}{{/n}}>" },
        { "space around is kept", "{}", "| {{>p}} |", "| \t|\t |", "p", "\t|\t" },
        { "within a line it is not indented", "{\"d\":\"|\"}", "  {{d}}  {{> p}}\n", "  |  >\n>\n", "p", ">\n>" },
        { "alone on its line its lines are indented", "{}", "\\\n {{>p}}\n/\n", "\\\n |\n |\n\n |\n/\n", "p",
          "|\n|\n\n|\n" },
        { "a tag that begins a line is indented, what it puts in is not", "{\"chart_svg\":\"<\\n->\"}",
          "\\\n  {{>p}}\n/\n", "\\\n  |\n  <\n->\n  |\n/\n", "p", "|\n{{{chart_svg}}}\n|\n" },
        { "indentation does not bring section lines back", "{\"a\":true}", " {{>p}}\n", " x\n", "p",
          "{{#a}}\nx\n{{/a}}\n" },
        { "a section within a line is indented once", "{\"a\":[1,2]}", " {{>p}}\n", " 12.\n", "p",
          "{{#a}}{{.}}{{/a}}.\n" },
        { "with carriage returns", "{}", "|\r\n{{>p}}\r\n|", "|\r\n>|", "p", ">" },
        { "at the beginning", "{}", "  {{>p}}\n>", "  >\n  >>", "p", ">\n>" },
        { "at the end", "{}", ">\n  {{>p}}", ">\n  >\n  >", "p", ">\n>" },
        { "space inside is ignored", "{\"b\":true}", "|{{> p }}|", "|[]|", "p", "[]" },
        { "indentation adds up through partials", "{\"n\":{\"n\":false}}", " {{>p}}\n", " a\n  a\n", "p",
          "a\n{{#n}}\n {{>p}}\n{{/n}}\n" },
};

static void a_template_renders_as_the_specification_says(void **state) {
        const struct spec_case *c = *state;
        const struct embedded_file files[] = {
                { "p.mustache", (const unsigned char *) c->partial, c->partial ? strlen(c->partial) : 0 },
                { "partial/main.mustache", (const unsigned char *) c->template, strlen(c->template) },
        };
        const struct embedded_set set = { c->partial ? files : files + 1, c->partial ? 2 : 1 };
        _cleanup_(template_set_free_p) struct template_set *templates = NULL;
        _cleanup_free_ char *error = NULL;
        if (template_set_parse(&set, &templates, &error) < 0)
                fail_msg("%s", error);
        json_t *data = json_loads(c->data, 0, NULL);
        assert_non_null(data);
        _cleanup_buffer_ struct buffer out = { 0 };
        assert_int_equal(template_render(templates, "partial/main", &data, 1, NULL, &out), 0);
        assert_string_equal(out.data ? out.data : "", c->expected);
        json_decref(data);
}

int main(void) {
        struct CMUnitTest tests[ELEMENTS(cases)];
        for (size_t i = 0; i < ELEMENTS(cases); i++)
                tests[i] = (struct CMUnitTest) {
                        .name = cases[i].name, .test_func = a_template_renders_as_the_specification_says,
                        .initial_state = (void *) (uintptr_t) &cases[i],
                };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
