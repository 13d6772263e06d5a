"""Checks the result of a picture normaliser against a fixture entry of images.json.

    verify_image.py FIXTURES --results DIR    # DIR/<name>.* per accepted picture, none per rejected
    verify_image.py FIXTURES --one NAME FILE  # one result (FILE '-' = was rejected)
    verify_image.py FIXTURES --walk FILE      # list what stands in any file
    verify_image.py FIXTURES --naive          # proof: Pillow's open -> save(quality 92) on all fixtures
Options: --allow-icc (an embedded ICC profile is no finding), --allow-flatten (alpha may be lost on white),
         --no-exiftool, --json FILE

Library: findings(original, entry, result) -> [Finding(level, code, detail)]; level "fail" or "warn";
result None = the picture was rejected.  Metadata is found three ways, each on its own: an own walk over
segments/chunks, exiftool, and a search for the canary texts (raw, UTF-16, hex, inside zlib streams).
Needs Pillow for pixels; exiftool is used when there.

This is ../shared/fixtures/verify_image.py, kept as it is but for numpy, which we don't need elsewhere.
It shares nothing with the code that it judges.
"""

# ruff: noqa: PGH004
# ruff: noqa
# mypy: ignore-errors
# fmt: off
import argparse, collections, glob, io, json, os, re, shutil, struct, subprocess, sys, tempfile, warnings, zlib

Finding = collections.namedtuple("Finding", "level code detail")
PNG_SIG = b"\x89PNG\r\n\x1a\n"
PNG_OK = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"sRGB", b"gAMA", b"cHRM", b"cICP", b"sBIT", b"bKGD", b"acTL", b"fcTL", b"fdAT"}
PNG_WARN = {b"pHYs"}
WEBP_OK = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"}


def real_type(b):
    if b[:3] == b"\xff\xd8\xff": return "image/jpeg"
    if b[:8] == PNG_SIG: return "image/png"
    if b[:4] == b"RIFF" and b[8:12] == b"WEBP": return "image/webp"
    return None


# ------------------------------------------------------------------ own walks: (code, detail) pairs
def walk_jpeg(b):
    out, p, n, frames = [], 2, len(b), 0
    q = []
    while True:
        if p >= n:
            out.append(("structure", "no end marker")); break
        if b[p] != 0xFF:
            e = b.find(b"\xff", p)
            e = n if e < 0 else e
            out.append(("garbage", f"{e - p} stray bytes at {p}")); p = e; continue
        while p < n and b[p] == 0xFF:
            p += 1
        m = b[p] if p < n else 0xD9
        p += 1
        if m == 0xD9:
            if p < n:
                t = b[p:]
                out.append(("trailing", f"{len(t)} bytes after EOI, first {t[:12]!r}"))
            break
        if 0xD0 <= m <= 0xD8 or m == 1:
            continue
        if p + 2 > n:
            out.append(("structure", "cut segment")); break
        ln = struct.unpack(">H", b[p:p + 2])[0]
        d = b[p + 2:p + ln]
        if m == 0xFE: out.append(("comment", repr(d[:60])))
        elif m == 0xE0:
            if d[:5] == b"JFIF\0":
                if len(d) >= 14 and (d[12] or d[13] or len(d) > 14): out.append(("thumbnail", f"JFIF thumbnail {d[12]}x{d[13]}"))
            elif d[:5] == b"JFXX\0": out.append(("thumbnail", "JFXX thumbnail"))
            else: out.append(("app0", repr(d[:20])))
        elif m == 0xE1 and d[:4] == b"Exif": out.append(("exif", f"{len(d)} bytes" + (" with IFD1/thumbnail" if b"\xff\xd8\xff" in d else "")))
        elif m == 0xE1 and d[:28] == b"http://ns.adobe.com/xap/1.0/": out.append(("xmp", f"{len(d)} bytes"))
        elif m == 0xE1 and d[:34] == b"http://ns.adobe.com/xmp/extension/": out.append(("xmp", f"extended, {len(d)} bytes"))
        elif m == 0xE2 and d[:12] == b"ICC_PROFILE\0": out.append(("icc", f"part {d[12]}/{d[13]}, {len(d)} bytes"))
        elif m == 0xE2 and d[:4] == b"MPF\0": out.append(("mpf", f"{len(d)} bytes"))
        elif m == 0xED and d[:13] == b"Photoshop 3.0": out.append(("iptc", f"Photoshop resources, {len(d)} bytes"))
        elif m == 0xEE and d[:5] == b"Adobe" and len(d) == 12: pass
        elif 0xE1 <= m <= 0xEF: out.append((f"app{m - 0xE0}", repr(d[:20])))
        elif 0xC0 <= m <= 0xCF and m not in (0xC4, 0xC8, 0xCC):
            frames += 1
            if frames > 1: out.append(("structure", "second frame header"))
        elif m in (0xDB, 0xC4, 0xDD, 0xDA, 0xCC, 0xDC): pass
        else: out.append(("marker", f"0x{m:02x}, {len(d)} bytes"))
        p += ln
        if m == 0xDA:                                  # entropy-coded data
            while True:
                p = b.find(b"\xff", p)
                if p < 0: p = n; break
                k = b[p + 1] if p + 1 < n else 0xD9
                if k == 0 or 0xD0 <= k <= 0xD7: p += 2; continue
                break
    return out


def inflate(d, cap=64 << 20):
    o = zlib.decompressobj()
    try:
        r = o.decompress(d, cap)
    except zlib.error:
        return b"", b""
    return r, o.unused_data


def walk_png(b, streams=None):
    out, p, idat, hdr = [], 8, [], None
    streams = streams if streams is not None else []
    while p + 8 <= len(b):
        n, t = struct.unpack(">I4s", b[p:p + 8])
        d = b[p + 8:p + 8 + n]
        if len(d) < n or p + 12 + n > len(b):
            out.append(("structure", f"cut chunk {t!r}")); break
        if struct.unpack(">I", b[p + 8 + n:p + 12 + n])[0] != zlib.crc32(t + d): out.append(("structure", f"CRC of {t!r}"))
        if t == b"IHDR": hdr = struct.unpack(">IIBBBBB", d[:13])
        elif t == b"IDAT": idat.append(d)
        elif t == b"iCCP":
            out.append(("icc", repr(d[:20]))); streams.append(inflate(d[d.index(0) + 2:] if 0 in d else b"")[0])
        elif t in (b"tEXt", b"zTXt", b"iTXt"):
            k = d.split(b"\0")[0]
            code = "xmp" if k == b"XML:com.adobe.xmp" else "exif" if k.lower().startswith(b"raw profile type") else "text"
            out.append((code, f"{t.decode()} {k[:40]!r}"))
            if t == b"zTXt": streams.append(inflate(d[len(k) + 2:])[0])
            if t == b"iTXt" and d[len(k) + 1:len(k) + 2] == b"\1": streams.append(inflate(d[len(k) + 3:].split(b"\0", 2)[-1])[0])
        elif t == b"eXIf": out.append(("exif", f"{n} bytes"))
        elif t == b"tIME": out.append(("time", d.hex()))
        elif t in PNG_WARN: out.append(("density", t.decode()))
        elif t not in PNG_OK: out.append(("chunk", f"{t!r} {n} bytes"))
        p += 12 + n
        if t == b"IEND":
            if p < len(b): out.append(("trailing", f"{len(b) - p} bytes after IEND, first {b[p:p + 12]!r}"))
            break
    else:
        out.append(("structure", "no IEND"))
    if idat and hdr:
        w, h, depth, ct, _, _, il = hdr
        r, rest = inflate(b"".join(idat), 256 << 20)
        streams.append(r)
        if rest: out.append(("trailing", f"{len(rest)} bytes in IDAT after the zlib stream"))
        bpp = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(ct, 1)
        row = lambda x: 1 + (x * bpp + 7) // 8
        if il:
            need = sum(-(-(h - y) // dy) * row(-(-(w - x) // dx)) for x, y, dx, dy in
                       ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)) if w > x and h > y)
        else:
            need = h * row(w)
        if len(r) > need: out.append(("trailing", f"{len(r) - need} bytes in the zlib stream after the last row"))
    return out


def walk_webp(b, streams=None):
    out = []
    size = struct.unpack("<I", b[4:8])[0] + 8
    if size + (size & 1) < len(b) : out.append(("trailing", f"{len(b) - size} bytes after the RIFF, first {b[size:size + 12]!r}"))
    if size > len(b): out.append(("structure", "RIFF size larger than the file"))
    def scan(p, end, where):
        while p + 8 <= end:
            t, n = b[p:p + 4], struct.unpack("<I", b[p + 4:p + 8])[0]
            if t == b"EXIF": out.append(("exif", f"{n} bytes{where}"))
            elif t == b"XMP ": out.append(("xmp", f"{n} bytes{where}"))
            elif t == b"ICCP": out.append(("icc", f"{n} bytes{where}"))
            elif t == b"VP8X" and not where and b[p + 8] & 0x2C:
                f = b[p + 8]
                out.append(("flags", "VP8X announces" + " EXIF" * bool(f & 8) + " XMP" * bool(f & 4) + " ICCP" * bool(f & 0x20)))
            elif t == b"ANMF": scan(p + 8 + 16, p + 8 + n, " in ANMF")
            elif t not in WEBP_OK: out.append(("chunk", f"{t!r} {n} bytes{where}"))
            p += 8 + n + (n & 1)
    scan(12, min(size, len(b)), "")
    return [o for o in out if not (o[0] == "flags" and o[1] == "VP8X announces ICCP" and any(x[0] == "icc" for x in out))]


def walk(b, streams=None):
    t = real_type(b)
    if t == "image/jpeg": return walk_jpeg(b)
    if t == "image/png": return walk_png(b, streams)
    if t == "image/webp": return walk_webp(b, streams)
    return [("type", f"neither JPEG nor PNG nor WebP: {b[:12]!r}")]


# ------------------------------------------------------------------ exiftool, one process for all files
class ExifTool:
    OK_GROUPS = {"ExifTool", "System", "Composite"}
    OK_TAGS = {
        "File": set(),     # (Comment and the like only get here)
        "JFIF": {"JFIFVersion", "ResolutionUnit", "XResolution", "YResolution"},
        "Adobe": {"DCTEncodeVersion", "APP14Flags0", "APP14Flags1", "ColorTransform"},
        "PNG": {"ImageWidth", "ImageHeight", "BitDepth", "ColorType", "Compression", "Filter", "Interlace", "SRGBRendering", "Gamma",
                "WhitePointX", "WhitePointY", "RedX", "RedY", "GreenX", "GreenY", "BlueX", "BlueY", "Palette", "Transparency",
                "AnimationFrames", "AnimationPlays", "BackgroundColor", "SignificantBits"},
        "PNG-cICP": None, "PNG-pHYs": None,
        "RIFF": {"VP8Version", "ImageWidth", "HorizontalScale", "ImageHeight", "VerticalScale", "AlphaIsUsed", "WebP_Flags",
                 "AlphaPreprocessing", "AlphaFiltering", "AlphaCompression", "BackgroundColor", "AnimationLoopCount", "FrameCount", "Duration"},
    }

    def __init__(self):
        self.p = subprocess.Popen(["exiftool", "-stay_open", "True", "-@", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.dir = tempfile.mkdtemp(prefix="verify")

    def tags(self, b):
        f = os.path.join(self.dir, "x.img")
        with open(f, "wb") as h: h.write(b)
        self.p.stdin.write(("\n".join(["-j", "-G1", "-a", "-u", "-ee", f, "-execute"]) + "\n").encode()); self.p.stdin.flush()
        out = b""
        while not out.rstrip().endswith(b"{ready}"):
            l = self.p.stdout.readline()
            if not l: break
            out += l
        try:
            return json.loads(out.rsplit(b"{ready}", 1)[0].decode("utf-8", "replace"))[0]
        except (ValueError, IndexError):
            return {}

    def metadata(self, b):
        bad = {}
        for k, v in self.tags(b).items():
            if ":" not in k: continue
            g, t = k.split(":", 1)
            if g in self.OK_GROUPS: continue
            if g == "File" and t not in ("Comment", "ExifByteOrder", "CurrentIPTCDigest"): continue
            if g in self.OK_TAGS and (self.OK_TAGS[g] is None or t in self.OK_TAGS[g]): continue
            bad.setdefault(g, []).append(t)
        return bad

    def close(self):
        try:
            self.p.stdin.write(b"-stay_open\nFalse\n"); self.p.stdin.flush(); self.p.wait(5)
        except Exception:
            self.p.kill()
        shutil.rmtree(self.dir, ignore_errors=True)


_et = None


def exiftool():
    global _et
    if _et is None:
        _et = ExifTool() if shutil.which("exiftool") else False
    return _et


# ------------------------------------------------------------------ pixels
def to_srgb(b):
    """(PIL image RGB or RGBA in sRGB as a colour-managed viewer shows it, raw mode, number of frames)"""
    from PIL import Image
    old, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None      # only here: the code under test may share the process
    try:
        return _to_srgb(b)
    finally:
        Image.MAX_IMAGE_PIXELS = old


def _to_srgb(b):
    from PIL import Image, ImageCms
    im = Image.open(io.BytesIO(b)); mode, n, prof = im.mode, getattr(im, "n_frames", 1), im.info.get("icc_profile")
    im.load()
    if mode.startswith("I"):
        im = im.point(lambda value: value / 256).convert("L")
    alpha = None
    if im.mode in ("LA", "RGBA", "PA") or "transparency" in im.info:
        im = im.convert("RGBA"); alpha = im.getchannel("A"); im = im.convert("RGB")
    if prof:
        try:
            pr = ImageCms.ImageCmsProfile(io.BytesIO(prof)); sp = pr.profile.xcolor_space.strip()
            want = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}[sp]
            if im.mode in ("P", "1", "RGBX"): im = im.convert("RGB")
            if im.mode == want:
                im = ImageCms.profileToProfile(im, pr, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except Exception:
            pass
    im = im.convert("RGB")
    if alpha is not None: im.putalpha(alpha)
    return im, mode, n


def findings(original, entry, result, allow_icc=False, allow_flatten=False, use_exiftool=True, seconds=None, rss_mib=None):
    F, exp, ck = [], entry["expected"], entry.get("checks", {})
    add = lambda level, code, detail="": F.append(Finding(level, code, str(detail)))
    lim = entry.get("limits", {})
    if seconds is not None and seconds > lim.get("max_seconds", 10): add("fail", "slow", f"{seconds:.1f} s")
    if rss_mib is not None and rss_mib > lim.get("max_rss_mib", 1024): add("fail", "memory", f"{rss_mib:.0f} MiB")
    if result is None:
        if exp == "accept": add("fail", "rejected", entry["reason"])
        return F
    if exp == "reject":
        add("fail", "accepted", entry["reason"]); return F
    t = real_type(result)
    if t is None:
        add("fail", "type", f"result is no JPEG, PNG or WebP: {result[:12]!r}"); return F
    if len(result) > 2 * 1024 * 1024 and len(original) <= 2 * 1024 * 1024: add("warn", "grown", f"{len(original)} -> {len(result)} bytes, over 2 MiB")
    if ck.get("no_metadata"):
        streams = []
        for code, detail in walk(result, streams):
            add("warn" if code == "density" or (code == "icc" and allow_icc) else "fail", code, detail)
        if use_exiftool and exiftool():
            for g, tags in exiftool().metadata(result).items():
                icc = g.startswith("ICC")
                add("warn" if icc and allow_icc else "fail", "exiftool:" + g, ", ".join(sorted(set(tags))[:6]))
        hay = [result] + streams
        for lst, level in ((entry.get("canaries", []), "fail"), (ck.get("canaries_advisory", []), "warn")):
            for c in lst:
                forms = [c.encode(), c.encode("utf-16le"), c.encode("utf-16be"), c.encode().hex().encode()]
                if any(f in s for f in forms for s in hay): add(level, "canary", c)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            im, mode, n = to_srgb(result)
    except Exception as e:
        add("fail", "undecodable", f"{type(e).__name__}: {e}"); return F
    if ck.get("rgb_or_gray") and mode in ("CMYK", "YCCK"): add("fail", "cmyk", "result is still CMYK")
    if "upright_size" in ck and list(im.size) != ck["upright_size"]:
        add("warn" if ck.get("size_advisory") or ck.get("samples_advisory") else "fail", "size", f"{im.size} instead of {ck['upright_size']}")
        if not ck.get("size_advisory"): return F
    px = im if im.mode == "RGBA" else im.convert("RGB")
    from PIL import ImageStat
    r, worst, miss = ck.get("sample_box", 0), 0, []
    for x, y, rgb, tol in ck.get("samples", []):
        box = px.crop((max(0, x - r), max(0, y - r), min(px.width, x + r + 1), min(px.height, y + r + 1)))
        got = ImageStat.Stat(box.convert("RGB")).mean
        d = max(abs(g - w) for g, w in zip(got, rgb))
        if d > tol: miss.append(f"({x},{y}) {[int(round(v)) for v in got]} instead of {rgb}")
        worst = max(worst, d)
    if miss: add("warn" if ck.get("samples_advisory") else "fail", "colour", f"{len(miss)} of {len(ck['samples'])} points, worst {worst:.0f}: {miss[0]}")
    if ck.get("alpha_kept"):
        if px.mode == "RGB": add("warn" if allow_flatten else "fail", "alpha", "transparency lost")
        else:
            m = [f"({x},{y}) {px.getpixel((x, y))[3]} instead of {a}" for x, y, a, tol in ck.get("alpha_samples", []) if abs(px.getpixel((x, y))[3] - a) > tol]
            if m: add("fail", "alpha", m[0])
    if "hidden_rgb" in ck and px.mode == "RGBA":
        box = ImageStat.Stat(px.crop(ck["hidden_rgb"]))
        if max(box.stddev[:3]) > 20 and box.extrema[3][1] == 0: add("warn", "hidden_rgb", "content under transparent pixels is kept")
    return F


def original_findings(entry, b):
    """What a fixture itself carries (to show that the checker sees it)."""
    r = [f"{c}" for c, _ in walk(b)] if real_type(b) else []
    return sorted(set(r))


def naive(b):
    """The naive re-save: open, save in the same format."""
    from PIL import Image
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        im = Image.open(io.BytesIO(b))
        fmt = "JPEG" if im.format == "MPO" else im.format
        o = io.BytesIO()
        if fmt == "JPEG": im.save(o, fmt, quality=92, progressive=True, optimize=True)
        elif fmt == "WEBP": im.save(o, fmt, quality=92)
        else: im.save(o, fmt, optimize=fmt == "PNG")
    return o.getvalue()


def load(fixtures):
    m = json.load(open(os.path.join(fixtures, "images.json")))
    return m["entries"], lambda e: open(os.path.join(fixtures, e["file"]), "rb").read()


def report(rows, out=sys.stdout, verbose=True):
    nf = collections.Counter(); bad = 0
    for e, F in rows:
        fails = [f for f in F if f.level == "fail"]
        bad += bool(fails)
        for c in {f.code for f in fails}: nf[c] += 1
        if verbose:
            for f in F: print(f"{f.level.upper():4} {e['name']:34} {f.code:18} {f.detail[:110]}", file=out)
    print(f"{len(rows)} fixtures, {len(rows) - bad} right, {bad} wrong; fixtures per finding: {dict(nf.most_common())}", file=out)
    return bad


def main():
    a = argparse.ArgumentParser(); a.add_argument("fixtures"); a.add_argument("--results"); a.add_argument("--one", nargs=2)
    a.add_argument("--walk"); a.add_argument("--naive", action="store_true"); a.add_argument("--allow-icc", action="store_true")
    a.add_argument("--allow-flatten", action="store_true"); a.add_argument("--no-exiftool", action="store_true"); a.add_argument("--json")
    a.add_argument("--skip-heavy", action="store_true", help="--naive: leave out fixtures with limits")
    x = a.parse_args()
    kw = dict(allow_icc=x.allow_icc, allow_flatten=x.allow_flatten, use_exiftool=not x.no_exiftool)
    entries, data = load(x.fixtures)
    rows = []
    if x.walk:
        b = open(x.walk, "rb").read()
        for w in walk(b): print(*w)
        if exiftool():
            for g, t in exiftool().metadata(b).items(): print("exiftool", g, ", ".join(t))
    elif x.one:
        e = next(e for e in entries if e["name"] == x.one[0])
        rows = [(e, findings(data(e), e, None if x.one[1] == "-" else open(x.one[1], "rb").read(), **kw))]
    elif x.results:
        for e in entries:
            f = [g for g in glob.glob(os.path.join(glob.escape(x.results), e["name"] + ".*")) if os.path.splitext(os.path.basename(g))[0] == e["name"]]
            rows.append((e, findings(data(e), e, open(f[0], "rb").read() if f else None, **kw)))
    elif x.naive:
        for e in entries:
            if x.skip_heavy and e.get("limits"): continue
            try:
                r = naive(data(e))
            except Exception:
                r = None
            rows.append((e, findings(data(e), e, r, **kw)))
    if exiftool(): exiftool().close()
    if x.json: json.dump([dict(name=e["name"], expected=e["expected"], findings=[f._asdict() for f in F]) for e, F in rows], open(x.json, "w"), indent=1)
    if rows: sys.exit(1 if report(rows) else 0)


if __name__ == "__main__":
    main()
