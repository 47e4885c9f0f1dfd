#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "view/page.h"

static const char frame_text[] =
        "{\"lang\":\"en\",\"dir\":\"ltr\",\"assets\":\"/assets/v\",\"csrf\":\"TOKEN\",\"demonstration\":true,"
        "\"navigation\":[{\"text\":\"Queue & more\",\"href\":\"/queue\",\"current\":true}],"
        "\"user\":{\"name\":\"Ada <Lovelace>\",\"sign_out\":\"/sign-out\"},"
        "\"session\":{\"seconds\":1800,\"warning_seconds\":300,\"extend\":\"/session\",\"ended\":\"/signed-out\"}}";

static struct embedded_file file(const char *name, const char *text) {
        return (struct embedded_file) { name, (const unsigned char *) text, strlen(text) };
}

/* The embedded templates and a page of the test's own. */
static char *render(const char *frame, const char *page, const char *resource) {
        const struct embedded_file own[] = {
                file("thing/show.mustache", "<h1>{{name}}</h1>"),
                file("thing/show.before.mustache", "<a href=\"/things\">{{#_}}Things{{/_}}</a>"),
                file("thing/show.title.mustache", "Thing {{name}}"),
                file("thing/plain.mustache", "<p>plain</p>"),
        };
        size_t n = embedded_templates.n_files;
        struct embedded_file *files = memory_new(n + ELEMENTS(own), sizeof *files);
        memcpy(files, embedded_templates.files, n * sizeof *files);
        memcpy(files + n, own, sizeof own);
        struct template_set *set = NULL;
        char *error = NULL;
        if (template_set_parse(&(struct embedded_set) { files, n + ELEMENTS(own) }, &set, &error) < 0)
                fail_msg("%s", error);
        json_t *contexts[] = { json_loads(frame, 0, NULL), page ? json_loads(page, 0, NULL) : NULL,
                               resource ? json_loads(resource, 0, NULL) : NULL };
        assert_non_null(contexts[0]);
        struct buffer out = { 0 };
        assert_int_equal(page_render(set, resource ? "thing/show" : "thing/plain", contexts[0], contexts[1], contexts[2],
                                     NULL, &out), 0);
        for (size_t i = 0; i < ELEMENTS(contexts); i++)
                json_decref(contexts[i]);
        template_set_free(set);
        free(files);
        return buffer_take(&out, NULL);
}

static void assert_holds(const char *html, const char *part) {
        if (!strstr(html, part))
                fail_msg("no '%s' in\n%s", part, html);
}

static void a_page_stands_in_the_layout(void **state) {
        _cleanup_free_ char *html = render(frame_text, "{}", "{\"name\":\"<A>\"}");
        assert_holds(html, "<html lang=\"en\" dir=\"ltr\" class=\"govuk-template\">");
        assert_holds(html, "<title>Thing &lt;A&gt; – Upstander</title>");
        assert_holds(html, "<h1>&lt;A&gt;</h1>\n  </main>");
        assert_holds(html, "<a href=\"/things\">Things</a>\n  </div>\n</header>");
        assert_holds(html, "This is a demonstration. Nothing here is real.");
        assert_holds(html, "aria-current=\"page\"><strong class=\"govuk-service-navigation__active-fallback\">Queue &amp; more");
        assert_holds(html, "Signed in as Ada &lt;Lovelace&gt;");
        assert_holds(html, "<form method=\"post\" action=\"/sign-out\">");
        assert_holds(html, "name=\"_csrf\" value=\"TOKEN\"");
        assert_holds(html, "data-session-seconds=\"1800\"");
        assert_holds(html, "href=\"/accessibility\"");
        assert_null(strstr(html, "style="));
}

static void a_page_without_anyone_signed_in_shows_no_more_than_it_has(void **state) {
        _cleanup_free_ char *html = render("{\"lang\":\"ar\",\"dir\":\"rtl\",\"assets\":\"/a\"}", "{\"title\":\"Report & tell\"}", NULL);
        assert_holds(html, "lang=\"ar\" dir=\"rtl\"");
        assert_holds(html, "<title>Report &amp; tell – Upstander</title>");
        assert_null(strstr(html, "demonstration"));
        assert_null(strstr(html, "Sign out"));
        assert_null(strstr(html, "<dialog"));
        assert_null(strstr(html, "<nav"));
        assert_null(strstr(html, "govuk-exit-this-page"));
}

static void the_title_says_when_there_are_errors(void **state) {
        _cleanup_free_ char *html = render(frame_text, "{\"title\":\"Sign in\",\"form\":{\"has_errors\":true}}", NULL);
        assert_holds(html, "<title>Error: Sign in – Upstander</title>");
}

static void the_inline_script_is_the_one_that_the_policy_allows(void **state) {
        _cleanup_free_ char *html = render(frame_text, "{}", NULL);
        const char *from = strstr(html, "<script>") + strlen("<script>"), *until = strstr(from, "</script>");
        unsigned char digest[EVP_MAX_MD_SIZE], text[EVP_MAX_MD_SIZE * 2];
        unsigned int size;
        char expected[sizeof text + 16];
        assert_null(strstr(from, "<script>"));
        assert_int_equal(EVP_Digest(from, (size_t) (until - from), digest, &size, EVP_sha256(), NULL), 1);
        EVP_EncodeBlock(text, digest, (int) size);
        snprintf(expected, sizeof expected, "'sha256-%s'", (const char *) text);
        assert_string_equal(PAGE_SCRIPT_HASH, expected);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_page_stands_in_the_layout),
                cmocka_unit_test(a_page_without_anyone_signed_in_shows_no_more_than_it_has),
                cmocka_unit_test(the_title_says_when_there_are_errors),
                cmocka_unit_test(the_inline_script_is_the_one_that_the_policy_allows),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
