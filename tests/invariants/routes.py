"""What can be said of the route table, as the executable of $BUILD tells it."""
import json
import os
import subprocess

import schema
import source


def routes():
    command = os.path.join(os.environ.get('BUILD') or os.path.join(source.TOP, 'build'), 'src', 'main', 'upstander')
    return json.loads(subprocess.run([command, 'admin', 'routes', '--json'], stdout=subprocess.PIPE, check=True).stdout)


def name(route):
    return f'{route["method"]} {route["path"]}'


def access_rules():
    """every route asks for one permission, for a session, or for nothing, and for less than a permission there is a reason"""
    found = {}
    for route in routes():
        rules = [rule for rule in ('anyone', 'signed_in') if rule in route['flags']] + [route['permission']] * bool(route['permission'])
        if len(rules) != 1:
            yield f'{name(route)} has the rules {rules}'
        elif not route['permission']:
            found[name(route)] = f'{rules[0]} may call it'
    yield from source.compared(found, 'open-routes.tsv')


def permissions_used():
    """every permission that a route asks for exists"""
    known = set(schema.ask('select permission from upstander.permission'))
    yield from (f'{name(route)} asks for {route["permission"]}' for route in routes() if route['permission'] and route['permission'] not in known)


def routes_lead_somewhere():
    """every route's statement and template exist, no two routes are alike, and each says what it is for"""
    seen = set()
    for route in routes():
        if name(route) in seen:
            yield f'{name(route)} is there twice'
        seen.add(name(route))
        for kind, folder, ending in (('query', 'sql/query', '.sql'), ('page', 'src/templates', '.mustache')):
            if route[kind] and not os.path.exists(os.path.join(source.TOP, folder, route[kind] + ending)):
                yield f'{name(route)}: no {folder}/{route[kind]}{ending}'
        if len(route['about'] or '') < 5:
            yield f'{name(route)} does not say what it is for'


CHECKS = [access_rules, permissions_used, routes_lead_somewhere]
