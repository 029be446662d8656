/*
 * Trunkline chat: <script src="https://desk.example/chat/widget.js" data-site="web" async></script>
 * What else it can be told: docs/chat.md.
 *
 * A message stays in localStorage until the server has stored it, and is sent again after every loss of the connection,
 * under the same id. One waits for the other, which keeps their order.
 */
(() => {
"use strict";
const script = document.currentScript;
const wanted = script.dataset;
if (!wanted.site || window.Trunkline) return;
const address = (path) => new URL(`${wanted.site}/${path}`, script.src).href;

const SMALL = "(max-width:480px),(max-height:440px)";
const STYLE = `
:host{all:initial!important;position:fixed!important;z-index:2147483000!important}
*,::before{box-sizing:border-box;margin:0;padding:0}
[hidden],:is(p,ul,.plain):empty{display:none!important}
.root{--accent:#1f5fbf;--over:#fff;--ground:#fff;--ink:#191c20;--quiet:#59616c;--line:#e4e7eb;--soft:#f1f3f6;--bad:#b3261e;
	color:var(--ink);color-scheme:light dark;overflow-wrap:anywhere;font:15px/1.45 system-ui,sans-serif}
@media(prefers-color-scheme:dark){.root{--ground:#181b20;--ink:#eceef1;--quiet:#a5aeb9;--line:#31363e;--soft:#262a31;--bad:#ffb4ab}}
button,input,textarea{font:inherit;color:inherit;background:none;border:0}
button{display:flex;align-items:center;justify-content:center;min-width:40px;min-height:40px;border-radius:12px;cursor:pointer}
:focus-visible{outline:2px solid var(--ink);outline-offset:2px}
svg{flex:none;width:22px;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}
.launcher,[type=submit],.visitor>.bubble{color:var(--over);background:var(--accent)}
.launcher,.panel{position:fixed;bottom:20px;inset-inline:auto 20px;box-shadow:0 12px 40px #0003}
.start>*{inset-inline:20px auto}
.launcher{gap:10px;height:48px;padding:0 20px;font-weight:600;border-radius:28px}
.round>.launcher{width:56px;height:56px;padding:0}
.round .caption,.text>.launcher>svg{display:none}
.badge{position:absolute;top:-4px;inset-inline-end:-4px;min-width:22px;font-size:12px;line-height:22px;color:#fff;
	background:#b3261e;border-radius:11px}
.panel{bottom:92px;flex-direction:column;width:384px;height:min(640px,100dvh - 112px);color:inherit;overflow:hidden;
	background:var(--ground);border:1px solid var(--line);border-radius:16px}
.panel[open]{display:flex}
.head{display:flex;align-items:center;padding:12px;padding-inline-start:20px;border-bottom:1px solid var(--line)}
.head>div{flex:1}
h2{font-size:16px}
.quiet,.plain,label{font-size:13px;color:var(--quiet)}
.status::before{content:"";display:inline-block;width:9px;height:9px;margin-inline-end:7px;border:2px solid;border-radius:50%}
.online .status::before{color:#16a34a;background:currentColor}
.notice{padding:8px 20px;background:var(--soft)}
.log{flex:1;padding:16px 20px 8px;overflow:auto;overscroll-behavior:contain;overflow-anchor:none}
.log:focus-visible{outline-offset:-3px}
.hello{padding:8px 0;font-size:20px;font-weight:600}
.plain{margin:auto;padding:0 4px;text-decoration:underline}
.line{display:flex;flex-direction:column;align-items:start;margin-bottom:12px}
.joined{margin-bottom:3px}
.joined>.meta{display:none}
.visitor{align-items:end}
.day{align-self:center;padding:4px 0 12px}
.day::first-letter{text-transform:uppercase}
.name,.meta{padding:2px 4px;font-size:12px;color:var(--quiet)}
.bubble{max-width:86%;padding:9px 14px;background:var(--soft);border-radius:18px;border-end-start-radius:6px}
.visitor>.bubble{border-end-start-radius:18px;border-end-end-radius:6px}
.bubble>p{white-space:pre-wrap}
.bubble a{color:inherit;outline-color:currentColor}
.file{display:flex;align-items:center;gap:10px;min-height:44px;text-decoration:none}
.file span{flex:1;font-size:12px}
b{display:block;font-size:14px}
form{padding:12px 12px max(12px,env(safe-area-inset-bottom));border-top:1px solid var(--line)}
.row{display:flex;align-items:end;gap:4px}
.row>.plain{margin:0 8px}
.write,input{border:1px solid var(--quiet);border-radius:16px}
.write{padding:3px}
.write:focus-within{outline:2px solid var(--ink);outline-offset:-1px}
.write>textarea{flex:1;max-height:140px;padding:9px 4px;resize:none;outline:0}
::placeholder{color:var(--quiet);opacity:1}
[type=submit]{padding:0 12px;font-weight:600}
:disabled[type=submit]{color:var(--quiet);background:var(--soft)}
form>p,label{display:block;padding:0 4px 12px}
input{display:block;width:100%;height:42px;margin-top:4px;padding:0 12px;font-size:16px;color:var(--ink)}
.tray>li{margin-bottom:8px;padding-inline-start:12px;background:var(--soft);border-radius:12px}
progress{display:block;width:100%;height:4px;accent-color:var(--accent)}
.error{padding:0 16px 8px;font-size:13px;color:var(--bad)}
.away{position:absolute;clip-path:inset(50%)}
@media${SMALL}{
	.root>.panel{inset:0;width:100%;max-width:none;height:100dvh;max-height:none;border:0;border-radius:0}
	textarea{font-size:16px}}
@media(prefers-reduced-motion:no-preference){
	.panel[open],.line:last-of-type{animation:rise .18s ease-out}
	@keyframes rise{from{opacity:0;translate:0 8px}}}
`;

const site = {
	language: wanted.language || document.documentElement.lang || navigator.language,
	texts: {open: "Open chat", close: "Close chat", button: "Chat", unavailable: "Chat is not available on this page."},
	limits: {text: 8000, file: 1e7, files: 5},
	online: false,
};
const say = (key, values) => (site.texts[key] ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name]);
const unit = (value, name) => value.toLocaleString(site.language, {style: "unit", unit: name, maximumFractionDigits: 1});
const size = (bytes) => bytes < 1e6 ? unit(Math.ceil(bytes / 1024), "kilobyte") : unit(bytes / 1048576, "megabyte");
const clock = (moment) => new Date(moment).toLocaleTimeString(site.language, {timeStyle: "short"});
function day(moment) {
	const days = Math.round((new Date(moment).setHours(12) - new Date().setHours(12)) / 864e5);
	return Math.abs(days) < 2 ? new Intl.RelativeTimeFormat(site.language, {numeric: "auto"}).format(days, "day")
		: new Date(moment).toLocaleDateString(site.language, {weekday: "long", day: "numeric", month: "long"});
}

// The tabs of a browser share their storage; where it is missing or full, memory takes its place.
const prefix = `trunkline:${wanted.site}:`;
let store = {};
try {
	store = localStorage;
} catch {}
function keep(name, value) {
	const text = JSON.stringify(value);
	try {
		if (text) store[prefix + name] = text;
		else delete store[prefix + name];
	} catch {
		store = {...store, [prefix + name]: text};
	}
}
const recall = (name) => JSON.parse(store[prefix + name] ?? null);

function make(kind, properties, ...children) {
	const [tag, name = ""] = kind.split(".");
	const node = document.createElement(tag);
	node.className = name;
	if (tag === "button") node.type = tag;
	for (const name in properties) {
		if (name in node) node[name] = properties[name];
		else node.setAttribute(name, properties[name]);
	}
	node.append(...children);
	return node;
}
function icon(path) {
	const [svg, line] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
	svg.setAttribute("viewBox", "0 0 24 24");
	svg.ariaHidden = true;
	line.setAttribute("d", path);
	svg.append(line);
	return svg;
}
const cross = () => icon("M6 6l12 12M18 6 6 18");
function tile(file, ...more) {
	const mark = icon(/^image/.test(file.media_type) ? "M4 4h16v16H4zm0 12 5-5 4 4 2-2 5 5M15 9h.1" : "M14 3H6v18h12V7zv4h4");
	return [mark, make("span", {dir: "auto"}, make("b", {}, file.name), size(file.size), ...more)];
}
// Only http and https become links, so that nothing can run.
const linked = (text) => text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?'()\]])/i).map((part, index) => index % 2
	? make("a", {href: part, target: "_blank", rel: "noopener noreferrer nofollow"}, part) : part);

const [title, status, notice, hello, promise, typing, why, badge, caption, error, rest, ask, earlier, byMail, back, tray] =
	"h2,p.quiet status,p.quiet notice,p.hello,p.quiet,p.quiet,p,span.badge,span.caption,span,span,span,button.plain,button.plain,button.plain,ul.tray"
		.split(",").map((kind) => make(kind));
const launcher = make("button.launcher", {}, icon("M20 11.5a8 8 0 0 1-11.6 7.1L4 20l1.4-4.4A8 8 0 1 1 20 11.5"), caption, badge);
const shut = make("button", {}, cross());
const log = make("div.log", {role: "log", tabIndex: 0, ariaRelevant: "additions"}, earlier, hello, promise, typing);
const mail = make("input", {type: "email", autocomplete: "email", dir: "ltr"});
const mailLabel = make("label", {}, ask, mail);
const picker = make("input", {type: "file", multiple: true, hidden: true});
const attach = make("button", {}, icon("M18 7v9a6 6 0 0 1-12 0V7a4 4 0 0 1 8 0v9a2 2 0 0 1-4 0V8"));
const box = make("textarea", {rows: 1});
const send = make("button", {type: "submit"}, icon("M12 19V5m-6 6 6-6 6 6"));
const act = make("button", {type: "submit"});
const writing = make("div.row write", {}, attach, picker, box, send);
const proving = make("div.row", {}, act, back);
const composer = make("form", {noValidate: true}, tray, why, mailLabel, proving, writing, byMail);
const panel = make("dialog.panel", {tabIndex: -1}, make("div.head", {}, make("div", {}, title, status), shut), notice, log,
	make("p.error", {}, error, rest), composer);
const root = make(`div.root ${wanted.button ?? "round"} ${wanted.position}`, {}, launcher, panel);
notice.role = "status";
error.role = "alert";

// Lines stand in the order of their positions; those that have none yet come last.
let [lines, unsent, files] = [[], [], []];
let [cursor, deskRead, failures, misses, typed, step] = [0, 0, 0, 0, 0, ""];
let link, timer, patience, holding, due, identity, quit, stick, loading, asked;
const known = (id) => lines.find((line) => line.id === id);
const tell = (frame) => link?.ready && link.send(frame);
const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 80;
const rank = (line) => line.position ?? Infinity;
const together = (one, other) => one?.from === other?.from && one?.name === other.name && !one.position === !other.position
	&& other.at - one.at < 3e5;

function draw(line) {
	const own = line.from === "visitor";
	Object.assign(line, {date: day(line.at), clock: clock(line.at), day: make("p.quiet day"), meta: make("p.meta"),
		by: make("p", {dir: "auto"}, own ? say("you") : line.name || say("team"))});
	const tiles = (line.files ?? []).map((file) => make("a.file", file.url && {href: new URL(file.url, script.src), target: "_blank"}, ...tile(file)));
	const text = make("p", {dir: "auto", lang: line.language ?? ""}, ...linked(line.text));
	line.node = make("div", {}, line.day, line.by, make("div.bubble", {}, text, ...tiles), line.meta);
}
function place(line) {
	const index = lines.findLastIndex((other) => rank(other) <= rank(line)) + 1;
	const next = lines[index]?.node ?? typing;
	if (line.node.nextSibling !== next) log.insertBefore(line.node, next);
	lines.splice(index, 0, line);
}
function take(line) {
	keep(`out:${line.id}`);
	[lines, unsent] = [lines, unsent].map((list) => list.filter((other) => other !== line));
}
function drop(line) {
	take(line);
	line.node.remove();
}
function add(line) {
	const mine = known(line.id);
	if (mine?.position) return;
	mine ? take(mine) : draw(line);
	place(Object.assign(mine ?? line, {position: line.position}));
}
function changed() {
	stick ||= atEnd();
	clearTimeout(due);
	due = setTimeout(show, 20);
}
function show() {
	lines.forEach((line, index) => {
		const [before, after] = [lines[index - 1], lines[index + 1]];
		const state = !line.position ? "sending" : line.position > deskRead ? "sent" : "read";
		line.node.className = `line ${line.from} ${together(line, after) ? "joined" : ""}`;
		line.day.textContent = before?.date === line.date ? "" : line.date;
		line.by.className = line.from !== "visitor" && !together(before, line) ? "name" : "away";
		line.meta.textContent = line.from === "visitor" ? `${say(state)} · ${line.clock}` : line.clock;
	});
	const {online, opens_at: at, email} = site;
	const when = at && `${day(at)}, ${clock(at)}`;
	const code = step === "code", empty = !lines.length;
	for (const [node, key] of [
		[caption, "button"], [back, "back"], [hello, empty && "hello"], [promise, empty && (online ? "soon" : "later")],
		[earlier, lines[0]?.position > 1 && "earlier"], [status, online ? "online" : when ? "opens" : "offline"],
		[byMail, !step && (email?.proven ? "mailed" : "by_mail")], [why, step && (code ? "code_sent" : "why_mail")],
		[ask, code ? step : step ? "your_mail" : "reply_to"], [act, code ? "confirm" : "send_code"],
	]) node.textContent = say(key, {when, email: email?.value});
	for (const [node, key] of [[shut, "close"], [attach, "attach"], [send, "send"], [box, "write"]]) node.ariaLabel = node.title = say(key);
	panel.ariaLabel = log.ariaLabel = title.textContent = site.title || say("button");
	box.placeholder = say("write");
	root.lang = site.language;
	root.dir = site.direction ?? "ltr";
	root.classList.toggle("online", online);
	composer.hidden = quit;
	writing.hidden = step;
	proving.hidden = !step;
	attach.hidden = !site.limits.files;
	mailLabel.hidden = !step && (online || email);
	if (stick) log.scrollTop = log.scrollHeight;
	stick = false;
	seen();
}
function seen() {
	const theirs = lines.filter((line) => line.position && line.from !== "visitor");
	const position = theirs.at(-1)?.position ?? 0;
	const state = panel.open && !document.hidden && atEnd() ? "read" : "delivered";
	if (state === "read" && position > recall("read")) keep("read", position);
	const read = recall("read");
	const count = theirs.filter((line) => line.position > read).length;
	badge.hidden = panel.open || !count;
	badge.textContent = count;
	launcher.ariaExpanded = panel.open;
	launcher.ariaLabel = say(panel.open ? "close" : "open") + (badge.hidden ? "" : `. ${say("unread", {count})}`);
	if (!link?.ready || position <= (link[state] ?? 0)) return;
	link[state] = position;
	tell({type: "seen", position, state});
}

function complain(key, values, more = "") {
	const text = say(site.texts[key] || !key ? key : "trouble", values);
	if (error.textContent !== text) error.textContent = text;
	rest.textContent = more;
}
function hold(key, seconds) {
	clearTimeout(holding);
	holding = seconds > 0 && setTimeout(hold, 1e3, key, seconds - 1);
	complain(holding && key, {}, holding ? ` ${unit(seconds, "second")}` : "");
	connect();
	next();
}
function giveBack(line, key) {
	drop(line);
	box.value = `${line.text}\n${box.value}`.trim();
	written();
	complain(key, {limit: site.limits.text});
}
// The next visitor on this computer sees nothing of this one; what somebody signed in has not sent is gone.
function restart(all = recall("signed")) {
	for (const name of ["token", "visitor", "signed", "last", "read"]) keep(name);
	lines.filter((line) => all || line.position).forEach(drop);
	cursor = deskRead = 0;
	changed();
}
const credentials = async () => ({token: recall("token"), identity: await identity?.(), after: cursor, language: site.language,
	page: location.href.split(/[?#]/)[0]});

function connect() {
	clearTimeout(timer);
	if (link || quit || holding) return;
	if (!site.color) begin();
	link = misses < 2 ? overSocket() : overPoll();
}
function overSocket() {
	const socket = new WebSocket(address("socket").replace(/^http/, "ws"));
	const me = {send: (frame) => socket.send(JSON.stringify(frame)), end: () => socket.close()};
	const late = setTimeout(me.end, 1e4);
	socket.onopen = async () => me.send({type: "hello", ...await credentials()});
	socket.onmessage = ({data}) => {
		const frame = JSON.parse(data);
		if (frame.type === "welcome") {
			clearTimeout(late);
			misses = 0;
			if (link !== me) link?.end();
			link = me;
		}
		receive(frame, me);
	};
	socket.onclose = ({code, reason}) => lost(me, code, reason);
	return me;
}
// Where no socket comes through: requests that wait for news.
function overPoll() {
	const stopped = new AbortController();
	const again = setInterval(overSocket, 6e4);
	const me = {send: (frame) => poll([frame], 0), end: () => [clearInterval(again), stopped.abort()]};
	async function poll(frames, wait) {
		try {
			const body = JSON.stringify({...await credentials(), frames, wait});
			const answer = await fetch(address("poll"), {method: "POST", body, signal: stopped.signal});
			if (answer.ok) (await answer.json()).frames.forEach((frame) => receive(frame, me));
			else lost(me, answer.status + 4000, answer.headers.get("Retry-After"));
		} catch {
			lost(me, 1006);
		}
	}
	(async () => {
		for (let wait = 0; !stopped.signal.aborted; wait = 25) await poll([], wait);
	})();
	return me;
}
function lost(me, code, reason) {
	if (!me || me !== link) return;
	link = null;
	me.end();
	if (!me.ready) misses = (misses + 1) % 3;
	const wait = +/\d*$/.exec(reason);
	if (me.flying && [1009, 4400, 4413].includes(code)) giveBack(me.flying, code === 4400 ? "trouble" : "too_long");
	if (code === 4429) return hold("flood", wait || 30);
	quit = code === 4403 || code === 4404 ? "unavailable" : code === 4401 && !recall("token") && "sign_in";
	notice.textContent = say(quit || (navigator.onLine ? "connecting" : "no_network"));
	changed();
	if (code === 4401) {
		dispatchEvent(new Event("trunkline:identity"));
		identity ? keep("token") : restart();
		if (!identity && !quit) complain("expired");
	}
	if (quit) return;
	const pause = Math.min(15, 2 ** failures++ / 4) * (1 + Math.random());
	timer = setTimeout(connect, Math.max(wait, pause) * 1e3);
}
function next() {
	clearTimeout(patience);
	const line = unsent[0];
	if (!link?.ready || !line || holding) return;
	patience = setTimeout(lost, 15e3, link, 1006);
	if (link.flying === line) return;
	link.flying = line;
	const {id, text, files, email} = line;
	tell({type: "message", id, text, files, email});
}

const receivers = {
	welcome(frame, me) {
		const before = recall("visitor") ?? frame.visitor;
		if (before !== frame.visitor) restart();
		keep("visitor", frame.visitor);
		if (before !== frame.visitor) return lost(me, 1012);
		keep("token", frame.token);
		keep("signed", frame.signed_in);
		me.ready = true;
		failures = 0;
		notice.textContent = "";
		this.status(frame);
		this.seen({position: frame.seen.desk});
	},
	line(frame) {
		cursor = Math.max(cursor, frame.position);
		keep("last", cursor);
		if (frame.from !== "visitor") typing.textContent = "";
		add(frame);
	},
	stored(frame) {
		if (known(frame.id)) add(frame);
	},
	history(frame) {
		const below = log.scrollHeight - log.scrollTop;
		frame.lines.forEach(add);
		show();
		log.scrollTop = log.scrollHeight - below;
	},
	gap() {
		lines.filter((line) => line.position).forEach(drop);
	},
	typing({name}) {
		typing.textContent = say("typing", {name: name || say("team")});
		clearTimeout(typing.timer);
		typing.timer = setTimeout(() => typing.textContent = "", 6e3);
	},
	seen({position}) {
		deskRead = Math.max(deskRead, position);
	},
	status: (frame) => Object.assign(site, frame),
	email(frame) {
		site.email = frame;
		if (step) prove(frame.proven ? "" : "code");
	},
	refused({id, code, retry_after: seconds}) {
		if (seconds) {
			link.flying = null;
			hold(code === "busy" ? code : "flood", seconds);
		} else if (known(id)) giveBack(known(id), code);
		else complain(code);
	},
};
function receive(frame, me) {
	if (me !== link) return;
	changed();
	receivers[frame.type]?.(frame, me);
	next();
}

function queue(line) {
	keep(`out:${line.id}`, line);
	unsent.push(line = {...line});
	add(line);
	changed();
	stick = true;
}
function written() {
	box.dir = box.value && "auto";
	box.style.height = 0;
	box.style.height = `${box.scrollHeight}px`;
	loading = files.some((file) => !file.sha256);
	send.disabled = loading || !box.value.trim() && !files.length;
	keep("draft", box.value);
}
function submit() {
	const text = box.value.trim();
	const email = !mailLabel.hidden && mail.value || undefined;
	asked = loading;
	if (send.disabled) return;
	const limit = site.limits.text;
	if ([...text].length > limit || new Blob([text]).size > 3e4) return complain("too_long", {limit});
	if (email && !mail.validity.valid) return complain("bad_address");
	queue({id: crypto.getRandomValues(new Uint32Array(4)).join("-"), from: "visitor", text, files, email, at: Date.now()});
	tray.replaceChildren();
	files = [];
	box.value = "";
	complain();
	written();
	connect();
	next();
}
function upload(file) {
	const {name} = file, {limits} = site;
	const values = {name, limit: size(limits.file)};
	if (files.length >= limits.files) return complain("too_many", {limit: limits.files});
	if (file.size > limits.file) return complain("too_large", values);
	const request = new XMLHttpRequest();
	const item = {name, size: file.size, media_type: file.type};
	const bar = make("progress", {value: 0, ariaLabel: name});
	const node = make("li.file", {}, ...tile(item, bar), make("button", {ariaLabel: say("remove", values), onclick: () => remove()}, cross()));
	function remove(key) {
		asked = false;
		request.abort();
		node.remove();
		files = files.filter((other) => other !== item);
		complain(key, values);
		written();
	}
	request.upload.onprogress = ({loaded, total}) => bar.value = loaded / total;
	request.onerror = () => remove("not_uploaded");
	request.onload = () => {
		if (request.status !== 201) return remove(request.status === 413 ? "too_large" : "not_uploaded");
		Object.assign(item, JSON.parse(request.responseText));
		bar.remove();
		written();
		if (asked) submit();
	};
	tray.append(node);
	files.push(item);
	written();
	(function go() {
		if (!link?.ready) return setTimeout(go, 200);
		request.open("POST", address(`files?name=${encodeURIComponent(name)}`));
		request.setRequestHeader("Authorization", `Bearer ${recall("token")}`);
		node.isConnected && request.send(file);
	})();
}
function pick(event) {
	const source = event.clipboardData ?? event.dataTransfer ?? picker;
	if (!source.files.length || source.getData?.("text")) return;
	event.preventDefault();
	[...source.files].forEach(upload);
	picker.value = "";
}
function prove(next) {
	step = next;
	mail.inputMode = step === "code" ? "numeric" : "email";
	mail.value = step === "address" ? site.email?.value ?? mail.value : "";
	complain();
	show();
	(step ? mail : box).focus();
}

function open(focus = true) {
	if (panel.open) return;
	if (focus && matchMedia(SMALL).matches) panel.showModal();
	else panel.setAttribute("open", "");
	if (focus) (matchMedia("(pointer:coarse)").matches ? panel : box).focus();
	quit = false;
	stick = true;
	written();
	changed();
	connect();
}
function close() {
	panel.close();
	launcher.focus();
}
function identify(proof) {
	identity = proof.call ? proof : () => proof;
	quit = false;
	lost(link, 1012);
	resume();
}
function resume() {
	const last = recall("last");
	cursor ||= Math.max(0, last - 50);
	if (panel.open || (unsent.length || last) && (identity || !recall("signed"))) connect();
}
function paint(color) {
	const [red, green, blue] = color.match(/[^#]{2}/g).map((part) => (parseInt(part, 16) / 255) ** 2.2);
	root.style.setProperty("--accent", color);
	root.style.setProperty("--over", 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? "#000" : "#fff");
}
async function begin() {
	try {
		const answer = await fetch(address(`start?language=${encodeURIComponent(site.language)}`));
		if (answer.status > 403) return;
		Object.assign(site, await answer.json());
		paint(wanted.color ?? site.color);
		changed();
	} catch {}
}

launcher.onclick = () => panel.open ? close() : open();
shut.onclick = close;
panel.onclose = () => {
	if (!panel.open) launcher.focus();
	seen();
};
panel.onkeydown = ({key, isComposing}) => {
	if (key === "Escape" && !isComposing) close();
};
box.oninput = () => {
	asked = false;
	written();
	if (Date.now() - typed < 3e3) return;
	typed = Date.now();
	tell({type: "typing"});
};
box.onkeydown = (event) => {
	if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
	event.preventDefault();
	submit();
};
composer.onsubmit = (event) => {
	event.preventDefault();
	if (!step) submit();
	else if (link?.ready) tell({type: step, [step === "code" ? step : "email"]: mail.value.trim()});
	else complain("connecting");
};
byMail.onclick = () => prove("address");
back.onclick = () => prove("");
attach.onclick = () => picker.click();
picker.onchange = panel.ondrop = box.onpaste = pick;
panel.ondragover = (event) => event.preventDefault();
earlier.onclick = log.onscroll = ({type}) => {
	seen();
	const position = lines[0]?.position;
	if (log.scrollTop > 80 || type === "scroll" && (stick || atEnd()) || !(position > 1) || !link?.ready || link.asked === position) return;
	link.asked = position;
	tell({type: "before", position});
};
document.addEventListener("visibilitychange", seen);
addEventListener("online", connect);

const page = new Promise((done) => document.body ? done() : addEventListener("DOMContentLoaded", done));
page.then(begin).then(() => {
	const host = make("div");
	const sheet = new CSSStyleSheet();
	sheet.replaceSync(STYLE);
	const shadow = host.attachShadow({mode: "open"});
	shadow.adoptedStyleSheets = [sheet];
	shadow.append(root);
	document.body.append(host);
	box.value = recall("draft") ?? "";
	Object.keys(store).filter((key) => key.startsWith(`${prefix}out:`)).map((key) => JSON.parse(store[key])).sort((a, b) => a.at - b.at).forEach(queue);
	window.Trunkline = {chat: {open, close, identify, forget() {
		identity = null;
		restart(true);
		lost(link, 1012);
	}}};
	if ("open" in wanted) open(false);
	if (wanted.identity) identify(wanted.identity);
	else resume();
	show();
	dispatchEvent(new Event("trunkline:ready"));
});
})();
