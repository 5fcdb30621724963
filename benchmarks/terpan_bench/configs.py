"""Configuration files of the proxies, as their manuals recommend them for keep-alive on both sides; no access log anywhere,
one process or thread each, since Terpan's front is one loop."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

NGINX = """\
daemon off;
user root;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
worker_processes 1;
worker_rlimit_nofile 32768;
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    server_tokens off;
    tcp_nodelay on;
    keepalive_timeout 75s;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{body}
}}
"""

NGINX_BACKEND = """\
    server {{
        listen unix:{socket};
        location / {{ default_type text/plain; return 200 "Hello, World!"; }}
        location /data.json {{ default_type application/json; alias {folder}/data.json; }}
    }}"""

#: Of an answer of any length from behind it; the same level as Terpan's own by itself.
NGINX_GZIP = """\
        gzip on;
        gzip_comp_level 5;
        gzip_types application/json;"""

NGINX_PROXY = """\
    upstream workers {{
        {method}
{servers}
        keepalive {keepalive};
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port}{secure};
{tls}
{gzip}
        location / {{
            proxy_pass http://workers;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
        }}
    }}"""

#: TLS as both recommend it, with tickets; the same suites and the same certificate as Terpan has.
NGINX_TLS = """\
        ssl_certificate {certificate};
        ssl_certificate_key {certificate};
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_session_cache shared:tls:10m;
        ssl_session_tickets on;
        ssl_prefer_server_ciphers off;"""

NGINX_SITE = """\
    server {{
        listen unix:{folder}/behind;
        location / {{ default_type text/plain; return 200 "fine"; }}
    }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{ proxy_pass http://unix:{folder}/behind; }}
        location = /big {{ default_type text/plain; alias {folder}/big; }}
    }}"""

NGINX_FILES = """\
    sendfile on;
    {cache}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location /static/ {{ alias {folder}/static/; }}
    }}"""

#: As nginx's documentation has it; looked at again after a second, as Terpan does.
NGINX_CACHE = "open_file_cache max=1000 inactive=20s; open_file_cache_valid 1s;"

NGINX_UWSGI = """\
    upstream workers {{ server unix:{socket}; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ include /etc/nginx/uwsgi_params; uwsgi_pass workers; }}
    }}"""

HAPROXY = """\
global
    nbthread 1
    maxconn 4096
    {control}
defaults
    mode http
    timeout connect 5s
    timeout client 75s
    timeout server 60s
    timeout queue 30s
    option http-keep-alive
    http-reuse {reuse}
frontend clients
    bind 127.0.0.1:{port}{tls}
    default_backend workers
    {identity}
backend workers
    balance {balance}
{servers}
"""

HAPROXY_IDENTITY = """\
option forwardfor
    http-request set-header X-Forwarded-Proto http
    http-request set-header X-Forwarded-Host %[req.hdr(host)]"""


def nginx_backend(folder: Path, socket: Path) -> list[str]:
    """It has a file `data.json` too, if there is one in its folder."""
    return _nginx(folder, "backend.conf", NGINX_BACKEND.format(socket=socket, folder=folder))


def nginx_proxy(
    folder: Path,
    port: int,
    sockets: list[Path],
    method: str = "",
    keepalive: int = 64,
    certificate: Optional[Path] = None,
    http2: bool = False,
    gzip: bool = False,
) -> list[str]:
    """With a certificate, a PEM file with its key, it speaks TLS; `http2`: that too, for who asks for it in the handshake."""
    servers = "\n".join(f"        server unix:{socket} max_fails=0;" for socket in sockets)
    secure, tls = (" ssl", NGINX_TLS.format(certificate=certificate)) if certificate else ("", "")
    parts = {"secure": secure + (" http2" if http2 else ""), "tls": tls, "gzip": NGINX_GZIP if gzip else ""}
    text = NGINX_PROXY.format(port=port, servers=servers, method=method, keepalive=keepalive, **parts)
    return _nginx(folder, "front.conf", text)


def nginx_site(folder: Path, port: int, connections: int) -> list[str]:
    """A small answer from behind it, and the file `big` of its folder."""
    return _nginx(folder, "site.conf", NGINX_SITE.format(folder=folder, port=port), connections)


def nginx_files(folder: Path, port: int, cached: bool) -> list[str]:
    """The files of the folder `static` in its folder."""
    return _nginx(folder, "files.conf", NGINX_FILES.format(port=port, folder=folder, cache=NGINX_CACHE if cached else ""))


def nginx_uwsgi(folder: Path, port: int, socket: Path) -> list[str]:
    return _nginx(folder, "front.conf", NGINX_UWSGI.format(port=port, socket=socket))


def haproxy(
    folder: Path,
    port: int,
    sockets: list[Path],
    balance: str = "roundrobin",
    limit: str = "",
    control: str = "",
    tells_client: bool = False,
    certificate: Optional[Path] = None,
    http2: bool = False,
) -> list[str]:
    """`control`: the path of a socket at which it can be given other limits while it runs; `tells_client`: who asks, and how;
    `certificate`: a PEM file with its key, with which it speaks TLS; `http2`: that too, for who asks for it in the handshake."""
    servers = "\n".join(f"    server s{i} unix@{socket} {limit}" for i, socket in enumerate(sockets))
    file = folder / "haproxy.cfg"
    identity = HAPROXY_IDENTITY if tells_client else ""
    tls = f" ssl crt {certificate} ssl-min-ver TLSv1.2{' alpn h2,http/1.1' if http2 else ''}" if certificate else ""
    stats = f"stats socket {control} level admin" if control else ""
    text = HAPROXY.format(port=port, balance=balance, servers=servers, reuse="always", control=stats, identity=identity, tls=tls)
    file.write_text(text, encoding="ascii")
    return ["haproxy", "-q", "-db", "-f", str(file)]


def _nginx(folder: Path, name: str, body: str, connections: int = 4096) -> list[str]:
    file = folder / name
    # Two nginx of one stack must not share a pid file.
    text = NGINX.format(folder=folder, body=body, connections=connections).replace("nginx.pid", name + ".pid")
    file.write_text(text, encoding="ascii")
    return ["nginx", "-e", str(folder / "error.log"), "-c", str(file)]
