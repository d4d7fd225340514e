#!/usr/bin/python3
"""Matroska with H.264 -> an RTSP camera on loopback, without encoding. For tests.

Prints one JSON line, {"port": n}, once it can be reached at rtsp://127.0.0.1:n/<path>; SIGTERM ends it, SIGSTOP freezes
it like a camera that hangs. The film must be camera-like: no B-frames, a key frame every second or two. All viewers share
one stream: a second one joins in the middle, the first after nobody watched starts at the beginning.
"""
import argparse
import json

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

ROLE = "viewer"
VIDEO = {
    "h264": "! h264parse config-interval=1 ! rtph264pay name=pay0 pt=96 config-interval=1",
    "hevc": "! h265parse config-interval=1 ! rtph265pay name=pay0 pt=96 config-interval=1",
}
AUDIO = {
    "none": "",
    "aac": "film. ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97",
    "pcmu": "audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay name=pay1 pt=0",
    # announced, a second long, then silent for ever
    "stalls": "audiotestsrc is-live=true num-buffers=8 ! audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay name=pay1 pt=0",
}
LAUNCH = '( filesrc location="{file}" ! matroskademux name=film film. ! queue {video} {audio} )'


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--path", default="/cam")
    parser.add_argument("--codec", choices=VIDEO, default="h264", help="of the film")
    parser.add_argument("--audio", choices=AUDIO, default="none", help="aac is that of the film, the others are made")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--digest", action="store_true", help="ask for the password as most cameras do, instead of Basic")
    return parser.parse_args()


def lock(server, factory, asked):
    """Only who knows the password may see the stream."""
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, ROLE)
    auth = GstRtspServer.RTSPAuth()
    if asked.digest:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(asked.user, asked.password, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(asked.user, asked.password), token)
    server.set_auth(auth)
    made = Gst.Structure.new_from_string(f"{ROLE}, media.factory.access=(boolean)true, media.factory.construct=(boolean)true")
    factory.add_role_from_structure(made[0] if isinstance(made, tuple) else made)


def main():
    asked = options()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(asked.port))
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(LAUNCH.format(file=asked.file, video=VIDEO[asked.codec], audio=AUDIO[asked.audio]))
    factory.set_shared(True)
    if asked.user:
        lock(server, factory, asked)
    server.get_mount_points().add_factory(asked.path, factory)
    if server.attach(None) == 0:
        raise SystemExit(f"port {asked.port} cannot be listened on")
    print(json.dumps({"port": server.get_bound_port()}), flush=True)
    GLib.MainLoop().run()


main()
