"""A client that writes down what it sent and what came back, for tests/http/openapi/check.mjs."""
import json
import os
import subprocess
import tempfile

from client import Api

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
exchanges = []


def _parsed(body, content_type):
    if body and 'json' in (content_type or ''):
        return json.loads(body)
    return body.decode() if body else None


class Recorded(Api):
    """The API client; what it does lands in `exchanges`."""

    def request(self, method, target, body=None, headers=None):
        reply = super().request(method, target, body, headers)
        sent_type = (headers or {}).get('Content-Type')
        sound = reply.status < 400  # what was refused may have been anything
        exchanges.append({
            'method': method, 'target': target,
            'sent': {'type': sent_type, 'body': _parsed(body, sent_type) if sound else None},
            'status': reply.status, 'type': reply.header('Content-Type'),
            'headers': {name.lower(): value for name, value in reply.headers.items()},
            'body': _parsed(reply.body, reply.header('Content-Type'))})
        return reply


def check(document, recorded):
    """Runs check.mjs. Gives its findings, and the operations that no recorded answer succeeded at."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, content in (('document', document), ('exchanges', recorded)):
            paths.append(os.path.join(folder, name + '.json'))
            with open(paths[-1], 'w', encoding='utf-8') as file:
                json.dump(content, file)
        done = subprocess.run([os.path.join(TOP, 'tools', 'node'), os.path.join(TOP, 'tests/http/openapi/check.mjs'), *paths],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    lines = done.stdout.splitlines()
    findings = [line for line in lines if not line.startswith('unseen ')]
    if done.returncode != 0 and not findings:
        findings = ['check.mjs ended with %d' % done.returncode]
    return findings, [line.removeprefix('unseen ') for line in lines if line.startswith('unseen ')]
