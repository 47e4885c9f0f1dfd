#!/usr/bin/env python3
"""Writes a C source that holds the files of a folder as a `struct embedded_set` (include/base/embedded.h).

    embed.py SYMBOL FOLDER OUTPUT.c [SUFFIX...]

Takes every regular file below FOLDER, or those whose name ends in one of the suffixes; names that begin with a dot are
left out. Run by meson with build_always_stale: a new file needs no list, and the output is written only when it would
change, so that nothing is compiled again for nothing.
"""
import os
import sys

LINE = 4096  # bytes of data in one line of the output


def literal(data):
    """C string literals with the same bytes; octal escapes are always three digits, so no digit can join them."""
    plain = {byte: chr(byte) for byte in range(0x20, 0x7F)}
    plain.update({ord('"'): '\\"', ord('\\'): '\\\\', ord('?'): '\\?', ord('\n'): '\\n', ord('\t'): '\\t'})
    text = [plain.get(byte) or '\\%03o' % byte for byte in data]
    lines = [''.join(text[at:at + LINE]) for at in range(0, len(text), LINE)] or ['']
    return '\n'.join('                "%s"' % line for line in lines)


def collect(folder, suffixes):
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith('.')]
        for name in names:
            if name.startswith('.') or (suffixes and not name.endswith(tuple(suffixes))):
                continue
            path = os.path.join(parent, name)
            yield os.path.relpath(path, folder).replace(os.sep, '/'), path


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    symbol, folder, output, *suffixes = sys.argv[1:]
    if not os.path.isdir(folder):
        sys.exit('embed.py: there is no folder ' + folder)
    entries = []
    for name, path in sorted(collect(folder, suffixes), key=lambda entry: entry[0].encode()):
        with open(path, 'rb') as file:
            data = file.read()
        entries.append('        { "%s", (const unsigned char *)\n%s,\n          %d },\n' % (name, literal(data), len(data)))
    source = '/* Made by tools/embed.py. */\n#include "base/embedded.h"\n\n'
    if entries:
        source += 'static const struct embedded_file files[] = {\n%s};\n\n' % ''.join(entries)
    source += 'const struct embedded_set %s = { %s, %d };\n' % (symbol, 'files' if entries else 'NULL', len(entries))
    try:
        with open(output, encoding='ascii') as file:
            if file.read() == source:
                return
    except OSError:
        pass
    with open(output, 'w', encoding='ascii') as file:
        file.write(source)


main()
