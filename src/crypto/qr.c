#include <errno.h>
#include <qrencode.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/totp.h"

enum { QUIET = 4, TEXT_MAX = 1000 };

static void append_escaped(struct buffer *out, const char *s) {
        for (; *s; s++) {
                switch (*s) {
                case '&': buffer_append_string(out, "&amp;"); break;
                case '<': buffer_append_string(out, "&lt;"); break;
                case '>': buffer_append_string(out, "&gt;"); break;
                default: buffer_append_char(out, *s);
                }
        }
}

/* Every run of dark modules in a row is one bar of the path. */
static void append_bars(struct buffer *out, const QRcode *code) {
        int width = code->width;
        for (int y = 0; y < width; y++) {
                const unsigned char *row = code->data + y * width;
                for (int x = 0; x < width; x++) {
                        if (!(row[x] & 1))
                                continue;
                        int start = x;
                        while (x < width && row[x] & 1)
                                x++;
                        buffer_append_format(out, "M%d %dh%dv1h-%dz", start + QUIET, y + QUIET, x - start, x - start);
                }
        }
}

int totp_qr_svg(const char *text, const char *title, struct buffer *out) {
        if (strnlen(text, TEXT_MAX + 1) > TEXT_MAX)
                return -E2BIG;
        QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
        if (!code)
                return errno == ENOMEM ? -ENOMEM : -EINVAL;
        int side = code->width + 2 * QUIET;
        buffer_append_format(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
                                  "shape-rendering=\"crispEdges\"><title>", side, side);
        append_escaped(out, title);
        /* A light ground of its own: a scanner needs it when the page is dark. */
        buffer_append_format(out, "</title><rect width=\"%d\" height=\"%d\" fill=\"#fff\"/><path fill=\"#000\" d=\"",
                             side, side);
        append_bars(out, code);
        buffer_append_string(out, "\"/></svg>");
        QRcode_free(code);
        return 0;
}
