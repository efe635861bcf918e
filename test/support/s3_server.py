#!/usr/bin/env python3
"""An S3-like server for tests: PUT and GET of objects in one bucket, in memory. It recomputes every signature (version 4) from what
arrived, by its own code. Usage: s3_server.py ACCESS_KEY SECRET_KEY REGION BUCKET; prints its port; ends with its standard input.

POST /_fault?kind=KIND&count=N makes the next N requests go wrong: slow_down, internal, close, hang, wrong_bytes.
POST /_count answers how many requests there were. Neither is signed.
"""
import datetime
import hashlib
import hmac
import http.server
import sys
import threading
import time
import urllib.parse

ACCESS_KEY, SECRET_KEY, REGION, BUCKET = sys.argv[1:5]
SKEW = datetime.timedelta(minutes=15)


class State:
    objects = {}
    fault = None
    left = 0
    count = 0
    lock = threading.Lock()


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def fields_of(authorization):
    scheme, _, rest = authorization.partition(" ")
    return scheme, dict(part.strip().split("=", 1) for part in rest.split(",")) if rest else {}


def refusal(handler, body):
    """The code of the first rule that the request breaks; None when it is signed as it should be."""
    scheme, fields = fields_of(handler.headers.get("Authorization", ""))
    if scheme != "AWS4-HMAC-SHA256" or set(fields) != {"Credential", "SignedHeaders", "Signature"}:
        return "AccessDenied"
    access_key, day, region, service, end = fields["Credential"].split("/")
    if access_key != ACCESS_KEY:
        return "InvalidAccessKeyId"
    if (region, service, end) != (REGION, "s3", "aws4_request"):
        return "AuthorizationHeaderMalformed"
    moment = handler.headers["x-amz-date"]
    sent = datetime.datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    if not moment.startswith(day) or abs(datetime.datetime.now(datetime.timezone.utc) - sent) > SKEW:
        return "RequestTimeTooSkewed"
    names = fields["SignedHeaders"].split(";")
    must = {"host"} | {name.lower() for name in handler.headers if name.lower().startswith("x-amz-")}
    if names != sorted(names) or not must <= set(names):
        return "AccessDenied"
    digest = hashlib.sha256(body).hexdigest()
    if handler.headers["x-amz-content-sha256"] != digest:
        return "XAmzContentSHA256Mismatch"
    path, _, query = handler.path.partition("?")
    headers = "".join(f"{name}:{' '.join(handler.headers[name].split())}\n" for name in names)
    canonical = "\n".join([handler.command, urllib.parse.quote(urllib.parse.unquote(path), safe="/-_.~"), query, headers,
                           fields["SignedHeaders"], digest])
    text = "\n".join(["AWS4-HMAC-SHA256", moment, f"{day}/{REGION}/s3/aws4_request",
                      hashlib.sha256(canonical.encode()).hexdigest()])
    key = mac(mac(mac(mac(b"AWS4" + SECRET_KEY.encode(), day), REGION), "s3"), "aws4_request")
    if not hmac.compare_digest(hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), fields["Signature"]):
        return "SignatureDoesNotMatch"
    return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def error(self, status, code):
        self.answer(status, f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>".encode())

    def take_fault(self):
        with State.lock:
            State.count += 1
            if State.left == 0:
                return None
            State.left -= 1
            return State.fault

    def control(self):
        url = urllib.parse.urlparse(self.path)
        query = urllib.parse.parse_qs(url.query)
        with State.lock:
            if url.path == "/_fault":
                State.fault, State.left = query["kind"][0], int(query["count"][0])
            return self.answer(200, str(State.count).encode())

    def object_key(self):
        """The key, whichever way the bucket is named."""
        path = urllib.parse.unquote(self.path)
        if self.headers["Host"].startswith(BUCKET + "."):
            return path[1:]
        return path[len(BUCKET) + 2:] if path.startswith(f"/{BUCKET}/") else None

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/_"):
            return self.control()
        fault = self.take_fault()
        if fault == "slow_down":
            return self.error(503, "SlowDown")
        if fault == "internal":
            return self.error(500, "InternalError")
        if fault == "hang":
            time.sleep(3)
        if fault in ("close", "hang"):
            self.close_connection = True
            return None
        wrong = refusal(self, body)
        if wrong:
            return self.error(400 if wrong == "XAmzContentSHA256Mismatch" else 403, wrong)
        key = self.object_key()
        if key is None:
            return self.error(404, "NoSuchBucket")
        if self.command == "PUT":
            State.objects[key] = body
            return self.answer(200, headers={"ETag": '"' + hashlib.md5(body).hexdigest() + '"'})
        if key not in State.objects:
            return self.error(404, "NoSuchKey")
        found = State.objects[key]
        return self.answer(200, bytes([found[0] ^ 1]) + found[1:] if fault == "wrong_bytes" else found)

    do_GET = do_PUT = do_POST = serve


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
