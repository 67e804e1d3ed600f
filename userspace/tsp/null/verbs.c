/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands of the control socket. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "null.h"

/* Of a command: milliseconds, repetitions */
#define LATE_MAX	3600000
#define COUNT_MAX	1000000

void reply_add(struct reply *reply, const char *format, ...)
{
	size_t room = sizeof(reply->text) - reply->size;
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(reply->text + reply->size, room, format, args);
	va_end(args);
	if (size > 0)
		reply->size += (size_t)size < room ? (size_t)size : room - 1;
}

void reply_error(struct reply *reply, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	reply->size = 0;
	reply_add(reply, "error %s", text);
}

/**
 * struct errand - a command on its way
 * @made: call that it made, 0 if none
 */
struct errand {
	const struct verb *verb;
	const struct command *command;
	struct reply *reply;
	HDRVCALL made;
};

/**
 * struct verb - a command
 * @least, @most: number of its arguments
 * @keys: those it knows, with blanks around each
 * @run: runs as a job
 * @run_now: runs at once, in place of @run: also when the worker is stuck
 * @usage: how it is written
 */
struct verb {
	const char *name;
	unsigned int least, most;
	const char *keys;
	void (*run)(struct job *job, struct errand *errand);
	void (*run_now)(const struct command *command, struct reply *reply);
	const char *usage;
};

static struct line *line_arg(const struct errand *errand, bool open)
{
	const char *text = errand->command->words[1];
	struct line *line = NULL;
	uint64_t index;

	if (command_number(text, UINT32_MAX, &index))
		line = line_at(index);
	if (!line)
		reply_error(errand->reply, "there is no line %s", text);
	else if (open && !line->handle)
		reply_error(errand->reply, "line %s is not open", text);
	return line && (!open || line->handle) ? line : NULL;
}

static struct call *call_of(const struct errand *errand, const char *text)
{
	struct call *call = NULL;
	uint64_t number;

	if (command_number(text, UINT32_MAX, &number))
		call = call_numbered(number);
	if (!call)
		reply_error(errand->reply, "there is no call %s", text);
	else if (!call->begun)
		reply_error(errand->reply, "call %s has not begun", text);
	else if (call->state == LINECALLSTATE_IDLE)
		reply_error(errand->reply, "call %s is over", text);
	else
		return call;
	return NULL;
}

static bool name_arg(const struct errand *errand, enum names family, const char *text, DWORD *value)
{
	if (names_value(family, text, value))
		return true;
	reply_error(errand->reply, "%s is not known here", text);
	return false;
}

/* Puts a text in the place of another; an empty one means that it is not known */
static bool set_text(const struct errand *errand, const char *key, WCHAR **to)
{
	const char *value = command_value(errand->command, key);
	WCHAR *text;

	if (!value)
		return true;
	text = *value ? text_wide(value) : NULL;
	if (*value && !text) {
		reply_error(errand->reply, "%s is not text", key);
		return false;
	}
	free(*to);
	*to = text;
	return true;
}

static struct call *ringing(struct errand *errand, struct line *line, DWORD media)
{
	const char *text = command_value(errand->command, "address");
	uint64_t address = 0;
	struct call *call;

	if (text && !command_number(text, provider.settings.addresses - 1, &address)) {
		reply_error(errand->reply, "there is no address %s", text);
		return NULL;
	}
	call = call_new(line, address);
	if (!call) {
		reply_error(errand->reply, "line %u is full", line->index);
		return NULL;
	}
	call->origin = LINECALLORIGIN_INBOUND;
	call->media = media;
	if (set_text(errand, "number", &call->caller) &&
	    set_text(errand, "name", &call->caller_name))
		return call;
	call_forget(call);
	return NULL;
}

static void do_ring(struct job *job, struct errand *errand)
{
	const char *mode = command_value(errand->command, "media");
	struct line *line = line_arg(errand, true);
	DWORD media = LINEMEDIAMODE_INTERACTIVEVOICE;
	struct call *call;

	if (!line || (mode && !name_arg(errand, NAMES_MEDIA, mode, &media)))
		return;
	call = ringing(errand, line, media);
	if (!call)
		return;
	errand->made = call->handle;
	report_add(job, line->handle, call->handle, LINE_NEWCALL);
	call_enter(job, call, LINECALLSTATE_OFFERING, LINEOFFERINGMODE_ACTIVE);
	reply_add(errand->reply, "ok %u", call->number);
}

static void do_callinfo(struct job *job, struct errand *errand)
{
	struct call *call = call_of(errand, errand->command->words[1]);

	if (!call || !set_text(errand, "number", &call->caller) ||
	    !set_text(errand, "name", &call->caller_name))
		return;
	report_call(job, call, LINE_CALLINFO, LINECALLINFOSTATE_CALLERID, 0, 0);
	reply_add(errand->reply, "ok");
}

/* Detail of a state when the script does not say one */
static DWORD usual_mode(DWORD state)
{
	switch (state) {
	case LINECALLSTATE_BUSY:
		return LINEBUSYMODE_UNKNOWN;
	case LINECALLSTATE_SPECIALINFO:
		return LINESPECIALINFO_UNKNOWN;
	case LINECALLSTATE_OFFERING:
	case LINECALLSTATE_DIALTONE:
	case LINECALLSTATE_CONNECTED:
	case LINECALLSTATE_DISCONNECTED:
		return 1;	/* ACTIVE and NORMAL */
	default:
		return 0;
	}
}

static void do_state(struct job *job, struct errand *errand)
{
	char *const *words = errand->command->words;
	struct call *call = call_of(errand, words[1]);
	DWORD state, mode;

	if (!call || !name_arg(errand, NAMES_STATE, words[2], &state))
		return;
	if (!strcmp(names_name(NAMES_STATE, state), "?")) {
		reply_error(errand->reply, "%s is no state", words[2]);
		return;
	}
	mode = usual_mode(state);
	if (words[3] && !name_arg(errand, names_mode(state), words[3], &mode))
		return;
	call_enter(job, call, state, mode);
	reply_add(errand->reply, "ok");
}

static void do_hangup(struct job *job, struct errand *errand)
{
	char *const *words = errand->command->words;
	struct call *call = call_of(errand, words[1]);
	DWORD mode = LINEDISCONNECTMODE_NORMAL;

	if (!call || (words[2] && !name_arg(errand, NAMES_DISCONNECT, words[2], &mode)))
		return;
	if (call->state == LINECALLSTATE_DISCONNECTED) {
		reply_error(errand->reply, "call %s is disconnected", words[1]);
		return;
	}
	call_enter(job, call, LINECALLSTATE_DISCONNECTED, mode);
	reply_add(errand->reply, "ok");
}

static void do_digit(struct job *job, struct errand *errand)
{
	char *const *words = errand->command->words;
	struct call *call = call_of(errand, words[1]);
	unsigned int heard = 0;
	const char *digit;

	if (!call)
		return;
	if (!*words[2] || strspn(words[2], "0123456789*#ABCD") != strlen(words[2])) {
		reply_error(errand->reply, "%s are no digits", words[2]);
		return;
	}
	for (digit = words[2]; *digit; digit++)
		heard |= digit_heard(job, call, *digit);
	reply_add(errand->reply, "ok%s%s", heard & 1 ? " monitor" : "", heard & 2 ? " gather" : "");
}

static void do_media(struct job *job, struct errand *errand)
{
	char *const *words = errand->command->words;
	struct call *call = call_of(errand, words[1]);
	DWORD mode;

	if (!call || !name_arg(errand, NAMES_MEDIA, words[2], &mode))
		return;
	if (call->media_modes & mode)
		report_call(job, call, LINE_MONITORMEDIA, mode, 0, 0);
	reply_add(errand->reply, "ok%s", call->media_modes & mode ? " monitor" : "");
}

static void do_devspecific(struct job *job, struct errand *errand)
{
	char *const *words = errand->command->words;
	unsigned int first = errand->command->word_count - 3;
	struct line *line = line_arg(errand, true);
	struct call *call = NULL;
	uint64_t p[3];
	int i;

	if (line && first == 3) {
		call = call_of(errand, words[2]);
		if (!call)
			return;
	}
	if (!line)
		return;
	for (i = 0; i < 3; i++) {
		if (command_number(words[first + i], UINTPTR_MAX, &p[i]))
			continue;
		reply_error(errand->reply, "%s is no number", words[first + i]);
		return;
	}
	if (call)
		report_call(job, call, LINE_CALLDEVSPECIFIC, p[0], p[1], p[2]);
	else
		report_line(job, line, LINE_DEVSPECIFIC, p[0], p[1], p[2]);
	reply_add(errand->reply, "ok");
}

/* What a state of the line means for what it can do */
static void apply_linestate(struct line *line, DWORD state)
{
	if (state & (LINEDEVSTATE_INSERVICE | LINEDEVSTATE_OUTOFSERVICE))
		line->in_service = state & LINEDEVSTATE_INSERVICE;
	if (state & (LINEDEVSTATE_CONNECTED | LINEDEVSTATE_DISCONNECTED))
		line->connected = state & LINEDEVSTATE_CONNECTED;
	if (state & (LINEDEVSTATE_MSGWAITON | LINEDEVSTATE_MSGWAITOFF))
		line->message_waiting = state & LINEDEVSTATE_MSGWAITON;
}

static void do_linestate(struct job *job, struct errand *errand)
{
	char *const *words = errand->command->words;
	struct line *line = line_arg(errand, false);
	uint64_t detail[2] = {};
	DWORD state;
	int i;

	if (!line || !name_arg(errand, NAMES_LINESTATE, words[2], &state))
		return;
	if (state == LINEDEVSTATE_RINGING)
		detail[0] = 1;	/* the only ring mode; the count begins at 0 */
	for (i = 0; i < 2 && words[3 + i]; i++) {
		if (command_number(words[3 + i], UINT32_MAX, &detail[i]))
			continue;
		reply_error(errand->reply, "%s is no number", words[3 + i]);
		return;
	}
	apply_linestate(line, state);
	report_line(job, line, LINE_LINEDEVSTATE, state, detail[0], detail[1]);
	reply_add(errand->reply, "ok");
}

static void do_create(struct job *job, struct errand *errand)
{
	struct line *line = line_new(NULL_NO_DEVICE);
	struct report *report;

	if (!line) {
		reply_error(errand->reply, "there are too many lines");
		return;
	}
	report = report_add(job, 0, 0, LINE_CREATE);
	if (report) {
		report->p1 = provider.handle;
		report->p2 = line->index + 1;
	}
	reply_add(errand->reply, "ok %u", line->index);
}

static void do_remove(struct job *job, struct errand *errand)
{
	struct line *line = line_arg(errand, false);
	struct report *report;

	if (!line)
		return;
	line->removed = true;
	report = line->device != NULL_NO_DEVICE ? report_add(job, 0, 0, LINE_REMOVE) : NULL;
	if (report)
		report->p1 = line->device;
	reply_add(errand->reply, "ok");
}

static void do_msp(struct job *job, struct errand *errand)
{
	char *const *words = errand->command->words;
	struct line *line = line_arg(errand, true);
	static uint8_t bytes[COMMAND_MAX / 2];
	struct call *call = NULL;
	long size;

	if (!line)
		return;
	if (strcmp(words[2], "-")) {
		call = call_of(errand, words[2]);
		if (!call)
			return;
	}
	size = command_bytes(words[3], bytes, sizeof(bytes));
	if (size < 0)
		reply_error(errand->reply, "the bytes are no hexadecimal digits");
	else if (!msp_count(line))
		reply_error(errand->reply, "line %u has no media provider", line->index);
	else if (!msp_send(job, line, call, bytes, size))
		reply_error(errand->reply, "there is no memory");
	else
		reply_add(errand->reply, "ok");
}

static void show_text(struct reply *reply, const char *key, const WCHAR *text)
{
	char *narrow = text_narrow(text);

	if (narrow && *narrow)
		reply_add(reply, " %s=\"%s\"", key, narrow);
	free(narrow);
}

static void show_call(struct reply *reply, const struct call *call)
{
	enum names modes = names_mode(call->state);

	reply_add(reply, "\n%u line=%u address=%u state=%s", call->number, call->line->index,
		  call->address, call->begun ? names_name(NAMES_STATE, call->state) : "tentative");
	if (modes != NAMES_STATE)
		reply_add(reply, " mode=%s", names_name(modes, call->mode));
	reply_add(reply, " origin=%s media=%#x digits=%#x gather=%s",
		  call->origin == LINECALLORIGIN_OUTBOUND ? "out" : "in", call->media,
		  call->digit_modes, call->gather.buffer ? "yes" : "no");
	show_text(reply, "number", call->caller);
	show_text(reply, "name", call->caller_name);
	show_text(reply, "called", call->called);
}

static void do_calls(struct job *job, struct errand *errand)
{
	const struct call *call;
	unsigned int i;

	reply_add(errand->reply, "ok");
	for (i = 0; i < provider.line_count; i++) {
		for (call = provider.lines[i]->calls; call; call = call->next)
			show_call(errand->reply, call);
	}
}

static void show_line(struct reply *reply, const struct line *line)
{
	reply_add(reply, "\n%u", line->index);
	if (line->device == NULL_NO_DEVICE)
		reply_add(reply, " device=none");
	else
		reply_add(reply, " device=%u", line->device);
	reply_add(reply, " open=%s service=%s connected=%s calls=%u media=%#x states=%#x "
		  "addressstates=%#x version=%#x ext=%#x msp=%u",
		  line->handle ? "yes" : "no", line->in_service ? "yes" : "no",
		  line->connected ? "yes" : "no", line->call_count, line->media, line->line_states,
		  line->address_states, line->handle ? line->version : 0, line->ext_version,
		  msp_count(line));
}

static void do_lines(struct job *job, struct errand *errand)
{
	unsigned int i;

	reply_add(errand->reply, "ok");
	for (i = 0; i < provider.line_count; i++) {
		if (!provider.lines[i]->removed)
			show_line(errand->reply, provider.lines[i]);
	}
}

/* Kinds of faults written as a word */
static const struct {
	const char *name;
	enum fault_kind kind;
} fault_words[] = {
	{ "off", FAULT_NONE }, { "never", FAULT_NEVER }, { "crash", FAULT_CRASH },
	{ "hang", FAULT_HANG }, { "zero", FAULT_ZERO }, { "twice", FAULT_TWICE },
	{ "inside", FAULT_INSIDE },
};

/* Returns how many kinds are named: one is right */
static int parse_fault(const struct command *command, struct fault *fault)
{
	const char *error = command_value(command, "error");
	const char *fails = command_value(command, "fails");
	const char *late = command_value(command, "late");
	uint64_t ms = 0;
	DWORD value = 0;
	size_t i;
	int kinds = (error != NULL) + (fails != NULL) + (late != NULL);

	if (error || fails) {
		fault->kind = error ? FAULT_ERROR : FAULT_FAILS;
		if (!names_value(NAMES_ERROR, error ? error : fails, &value) || (LONG)value >= 0)
			return 0;
		fault->error = (LONG)value;
	}
	if (late) {
		fault->kind = FAULT_LATE;
		if (!command_number(late, LATE_MAX, &ms))
			return 0;
		fault->ms = ms;
	}
	for (i = 0; command->words[2] && i < sizeof(fault_words) / sizeof(fault_words[0]); i++) {
		if (strcasecmp(command->words[2], fault_words[i].name))
			continue;
		fault->kind = fault_words[i].kind;
		kinds++;
	}
	return kinds;
}

static void do_fault(const struct command *command, struct reply *reply)
{
	enum function function = function_find(command->words[1]);
	const char *text = command_value(command, "count");
	struct fault fault = {};
	uint64_t count = 1;

	if (function == FN_COUNT)
		reply_error(reply, "there is no function %s", command->words[1]);
	else if (parse_fault(command, &fault) != 1)
		reply_error(reply, "not one fault, or not a known one");
	else if (text && (!command_number(text, COUNT_MAX, &count) || !count))
		reply_error(reply, "%s is no count", text);
	else if (!fault_set(function, &fault, fault.kind == FAULT_NONE ? 0 : count))
		reply_error(reply, "%s completes nothing", function_name(function));
	else
		reply_add(reply, "ok");
}

static void do_log(const struct command *command, struct reply *reply)
{
	static char lines[REPLY_MAX - 64];
	unsigned int lost, left;
	unsigned int taken = journal_take(lines, sizeof(lines), &lost, &left);

	reply_add(reply, "ok %u lost=%u left=%u\n%s", taken, lost, left, lines);
}

static void do_crash(const struct command *command, struct reply *reply)
{
	abort();
}

static void do_help(const struct command *command, struct reply *reply);

static const struct verb verbs[] = {
	{ "ring", 1, 1, " number name media address ", do_ring, NULL,
	  "ring LINE [number=N] [name=T] [media=MODE] [address=A]" },
	{ "callinfo", 1, 1, " number name ", do_callinfo, NULL,
	  "callinfo CALL [number=N] [name=T]" },
	{ "state", 2, 3, "", do_state, NULL, "state CALL STATE [MODE]" },
	{ "hangup", 1, 2, "", do_hangup, NULL, "hangup CALL [MODE]" },
	{ "digit", 2, 2, "", do_digit, NULL, "digit CALL DIGITS" },
	{ "media", 2, 2, "", do_media, NULL, "media CALL MODE" },
	{ "devspecific", 4, 5, "", do_devspecific, NULL, "devspecific LINE [CALL] P1 P2 P3" },
	{ "linestate", 2, 4, "", do_linestate, NULL, "linestate LINE STATE [P2 [P3]]" },
	{ "create", 0, 0, "", do_create, NULL, "create" },
	{ "remove", 1, 1, "", do_remove, NULL, "remove LINE" },
	{ "msp", 3, 3, "", do_msp, NULL, "msp LINE CALL|- HEX" },
	{ "calls", 0, 0, "", do_calls, NULL, "calls" },
	{ "lines", 0, 0, "", do_lines, NULL, "lines" },
	{ "fault", 1, 2, " error fails late count ", NULL, do_fault,
	  "fault FUNCTION error=E|fails=E|late=MS|never|crash|hang|zero|twice|inside|off "
	  "[count=N]" },
	{ "log", 0, 0, "", NULL, do_log, "log" },
	{ "quit-crash", 0, 0, "", NULL, do_crash, "quit-crash" },
	{ "help", 0, 0, "", NULL, do_help, "help" },
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void do_help(const struct command *command, struct reply *reply)
{
	size_t i;

	reply_add(reply, "ok");
	for (i = 0; i < VERBS; i++)
		reply_add(reply, "\n%s", verbs[i].usage);
}

static LONG run_errand(struct job *job, struct call *none)
{
	struct errand *errand = job->data;

	errand->verb->run(job, errand);
	return 0;
}

static void run_in_turn(struct errand *errand)
{
	struct job *job = job_new(run_errand, 0, 0);
	bool refused;

	if (!job) {
		reply_error(errand->reply, "there is no memory");
		return;
	}
	job->data = errand;
	worker_do(job);
	job_free(job);
	provider_lock();
	refused = errand->made && !call_get(errand->made);
	provider_unlock();
	if (refused)
		reply_error(errand->reply, "the call was refused, or is over already");
}

static bool keys_known(const struct verb *verb, const struct command *command)
{
	char key[32];
	unsigned int i;

	for (i = 0; i < command->key_count; i++) {
		if ((size_t)snprintf(key, sizeof(key), " %s ", command->keys[i]) >= sizeof(key) ||
		    !strcasestr(verb->keys, key))
			return false;
	}
	return true;
}

void verbs_run(char *text, struct reply *reply)
{
	struct command command;
	struct errand errand = { .command = &command, .reply = reply };
	const char *problem = command_parse(text, &command);
	const struct verb *verb = verbs;

	reply->size = 0;
	if (problem) {
		reply_error(reply, "%s", problem);
		return;
	}
	while (verb < verbs + VERBS && strcasecmp(verb->name, command.words[0]))
		verb++;
	if (verb == verbs + VERBS) {
		reply_error(reply, "there is no command %s", command.words[0]);
		return;
	}
	if (command.word_count - 1 < verb->least || command.word_count - 1 > verb->most ||
	    !keys_known(verb, &command)) {
		reply_error(reply, "usage: %s", verb->usage);
		return;
	}
	errand.verb = verb;
	if (verb->run_now)
		verb->run_now(&command, reply);
	else
		run_in_turn(&errand);
}
