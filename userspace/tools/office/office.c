/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Joins the exchange with the line and with those who give commands. */
#include "office.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

/* Events of the line read at a time */
#define EVENTS 16
/* The order in which the loop serves what is ready: what happened before what is due */
#define PRIORITY_LINE	(SD_EVENT_PRIORITY_NORMAL - 20)
#define PRIORITY_TIMER	(SD_EVENT_PRIORITY_NORMAL - 10)
/* The loop may gather timers within this, us; cadences of tests are in ms */
#define TIMER_ACCURACY	1000

void office_say(struct office *office, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report_vsay(&office->report, office->now, format, args);
	va_end(args);
}

void office_say_file(struct office *office, const char *event, const char *file,
		     const char *rest_format, ...)
{
	char *name = report_quote(file), *rest;
	va_list args;

	va_start(args, rest_format);
	if (name && vasprintf(&rest, rest_format, args) >= 0) {
		office_say(office, "%s %s %s", event, name, rest);
		free(rest);
	}
	va_end(args);
	free(name);
}

void office_trace(struct office *office, const char *format, ...)
{
	va_list args;

	if (!office->options->trace)
		return;
	fprintf(stderr, "%" PRIu64 " %s: ", office->now,
		exchange_state_name(office->exchange.state));
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static void set_now(struct office *office)
{
	uint64_t us;

	if (sd_event_now(office->event, CLOCK_MONOTONIC, &us) >= 0)
		office->now = us / 1000;
}

void office_update(struct office *office)
{
	uint64_t due = office->exchange.due;

	if (due == EXCHANGE_NEVER) {
		sd_event_source_set_enabled(office->timer, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time(office->timer, due * 1000);
	sd_event_source_set_enabled(office->timer, SD_EVENT_ONESHOT);
}

/* What the exchange asks for */

static int do_ring(void *data, unsigned int on_ms, unsigned int off_ms, unsigned int count)
{
	struct office *office = data;

	office_trace(office, "ring %u,%u count %u", on_ms, off_ms, count);
	office->ring_cookie = ++office->next_cookie;
	return line_ring(&office->line, on_ms, off_ms, count, office->ring_cookie);
}

static void do_stop_ring(void *data)
{
	struct office *office = data;
	int err;

	office_trace(office, "stop ringing");
	office->ring_cookie = 0;
	err = line_stop_ring(&office->line);
	if (err)
		office_say(office, "error stop-ring: %s", strerror(-err));
}

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

static int do_feed(void *data, enum exchange_feed feed)
{
	static const struct {
		const char *name;
		unsigned int state;
		bool reversed;
	} feeds[] = {
		[EXCHANGE_FEED_NORMAL] = { "normal", TAPI_LINE_FEED_ACTIVE, false },
		[EXCHANGE_FEED_REVERSED] = { "reversed", TAPI_LINE_FEED_ACTIVE, true },
		[EXCHANGE_FEED_OPEN] = { "open", TAPI_LINE_FEED_OPEN, false },
		[EXCHANGE_FEED_ON_HOOK] = { "on-hook transmission", TAPI_LINE_FEED_OHT, false },
	};
	struct office *office = data;
	bool reversed = feeds[feed].reversed;
	int err;

	/* without a battery there is no polarity to change */
	if (feed == EXCHANGE_FEED_OPEN)
		reversed = office->exchange.reversed;
	office_trace(office, "feed %s", feeds[feed].name);
	err = line_feed(&office->line, feeds[feed].state, reversed);
	if (err == -EBUSY) {
		/* digits under way are nobody's any more */
		office_trace(office, "abort what plays");
		err = line_abort(&office->line);
		if (!err)
			err = line_feed(&office->line, feeds[feed].state, reversed);
	}
	if (feed == EXCHANGE_FEED_NORMAL)
		office->restored = clock_ns();
	return err;
}

static void do_sound(void *data, bool on)
{
	office_sound(data, on);
}

static void do_tone(void *data, enum tone tone)
{
	struct office *office = data;
	struct sound_source *source = NULL;

	if (!office->sound)
		return;
	office_trace(office, "tone %s", tone_name(tone));
	if (tone != TONE_OFF) {
		source = tone_source_new(tone);
		if (!source)
			office_say(office, "error tone: %s", strerror(ENOMEM));
	}
	office_play_take(office, source);
}

static int do_caller_id(void *data, const char *number, const char *name)
{
	struct office *office = data;
	struct sound_source *source;
	time_t now = time(NULL);
	struct tm local;

	if (!localtime_r(&now, &local))
		return -EOVERFLOW;
	source = caller_id_source_new(number, name, &local);
	if (!source)
		return -EMSGSIZE;
	office_trace(office, "caller id");
	office_play_take(office, source);
	return sound_start(office->sound);
}

static void do_answered(void *data, const struct route *route)
{
	struct office *office = data;

	/* caller id that was under way, or ringback */
	office_play_take(office, NULL);
	office_begin_armed(office);
	if (route && route->record)
		office_record(office, route->record);
	if (route && route->play)
		office_play_file(office, route->play, false);
}

static void tell_hook(struct office *office, bool off)
{
	if (off == office->off_hook)
		return;
	office->off_hook = off;
	office_say(office, off ? "line-off-hook" : "line-on-hook");
	/* digits under way are nobody's any more, and the next call must not wait for them */
	if (!off && office->dial_cookie)
		line_abort(&office->line);
}

static bool do_off_hook(void *data)
{
	struct office *office = data;
	struct tapi_line_state state;
	bool off = !line_state(&office->line, &state) && state.hook == TAPI_LINE_OFF_HOOK;

	tell_hook(office, off);
	return off;
}

static void do_say(void *data, const char *format, ...)
{
	struct office *office = data;
	va_list args;

	va_start(args, format);
	report_vsay(&office->report, office->now, format, args);
	va_end(args);
}

static const struct exchange_ops exchange_ops = {
	.ring = do_ring,
	.stop_ring = do_stop_ring,
	.feed = do_feed,
	.sound = do_sound,
	.tone = do_tone,
	.caller_id = do_caller_id,
	.answered = do_answered,
	.off_hook = do_off_hook,
	.say = do_say,
};

/* What happens on the line */

static void on_hook_state(struct office *office, bool off)
{
	/* an open line says nothing of the telephone; it is asked when the battery is back */
	if (office->exchange.state == EXCHANGE_RELEASE || off == office->off_hook)
		return;
	tell_hook(office, off);
	exchange_hook(&office->exchange, off, office->now);
}

static void on_digit(struct office *office, char digit, const char *how)
{
	office_say(office, "digit %c %s", digit, how);
	exchange_digit(&office->exchange, digit, office->now);
}

static bool hears_line(const struct office *office)
{
	return office->options->hearing != HEARING_SOUND;
}

static void on_complete(struct office *office, const struct tapi_line_event *event)
{
	if (office->dial_cookie && event->cookie == office->dial_cookie) {
		if (event->complete.status)
			office_say(office, "error dtmf: cut short: %s", office->dialling);
		else
			office_say(office, "sent %s", office->dialling);
		office->dial_cookie = 0;
		return;
	}
	if (event->cookie != office->ring_cookie)
		return;
	/* one that was picked up ends well too, and was told before */
	if (!event->complete.status)
		exchange_ring_done(&office->exchange, office->now);
	else if (event->complete.status != -ECANCELED)
		office_say(office, "error ring: %s", strerror(-event->complete.status));
}

static void resync(struct office *office)
{
	struct tapi_line_state state;

	office_say(office, "error the line lost events");
	if (!line_state(&office->line, &state))
		on_hook_state(office, state.hook == TAPI_LINE_OFF_HOOK);
}

static void on_line_event(struct office *office, const struct tapi_line_event *event)
{
	office->now = event->ts / 1000000;
	switch (event->type) {
	case TAPI_LINE_EV_STATE:
		on_hook_state(office, event->state.hook == TAPI_LINE_OFF_HOOK);
		break;
	case TAPI_LINE_EV_HOOK:
		on_hook_state(office, event->hook.state == TAPI_LINE_OFF_HOOK);
		break;
	case TAPI_LINE_EV_FLASH:
		/* an own break of the battery looks like one */
		if (office->exchange.state != EXCHANGE_RELEASE && event->ts > office->restored)
			office_say(office, "flash %u", event->hook.duration_ms);
		break;
	case TAPI_LINE_EV_RING:
		office_say(office, "ringing %s", event->ring.state ? "on" : "off");
		break;
	case TAPI_LINE_EV_DTMF:
		if (event->dtmf.pressed && hears_line(office))
			on_digit(office, event->dtmf.digit, "dtmf");
		break;
	case TAPI_LINE_EV_PULSE_DIGIT:
		if (event->pulse.digit)
			on_digit(office, event->pulse.digit, "pulse");
		break;
	case TAPI_LINE_EV_COMPLETE:
		on_complete(office, event);
		break;
	case TAPI_LINE_EV_FAULT:
		office_say(office, "error line faults: %#x", event->fault.faults);
		break;
	case TAPI_LINE_EV_LOST:
		resync(office);
		break;
	}
}

static int on_line(sd_event_source *source, int fd, uint32_t revents, void *data)
{
	struct tapi_line_event events[EVENTS];
	struct office *office = data;
	int count = line_read(&office->line, events, EVENTS);

	for (int i = 0; i < count; i++) {
		if (events[i].type == TAPI_LINE_EV_GONE)
			count = -ENODEV;
		else
			on_line_event(office, &events[i]);
	}
	set_now(office);
	if (count < 0) {
		office_say(office, "error the line has gone");
		return sd_event_exit(office->event, EXIT_FAILURE);
	}
	office_update(office);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t us, void *data)
{
	struct office *office = data;

	set_now(office);
	exchange_tick(&office->exchange, office->now);
	office_update(office);
	return 0;
}

static void on_heard_digits(void *data, const char *digits, int count)
{
	struct office *office = data;

	set_now(office);
	for (int i = 0; i < count; i++)
		on_digit(office, digits[i], "dtmf");
	office_update(office);
}

/* Those who give commands */

static void on_command(void *data, const char *line)
{
	struct office *office = data;

	set_now(office);
	office_run(office, line);
}

static void on_bad_command(void *data, const char *what)
{
	struct office *office = data;

	set_now(office);
	office_say(office, "error %s", what);
}

static void on_input_end(void *data)
{
	struct office *office = data;

	if (!office->options->keep)
		sd_event_exit(office->event, 0);
}

static void on_client(void *data, int fd)
{
	struct office *office = data;

	office->report.client = fd;
	set_now(office);
	if (fd >= 0)
		report_say(&office->report, office->now, "ready %s", office->line.caps.line_name);
}

static const struct control_ops control_ops = {
	.line = on_command,
	.error = on_bad_command,
	.end = on_input_end,
	.client = on_client,
};

/* Beginning and end */

__attribute__((format(printf, 2, 3)))
static int complain(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "tapi-office: ");
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, ": %s\n", strerror(-err));
	return err;
}

static int open_line(struct office *office)
{
	const char *device = office->options->device;
	int err = line_open(&office->line, device);

	if (err)
		return complain(err, "line %s", device);
	if (office->line.caps.type != TAPI_LINE_FXS ||
	    !line_can(&office->line, TAPI_LINE_CAP_RING))
		return complain(-EOPNOTSUPP, "line %s cannot ring a telephone", device);
	err = line_claim(&office->line);
	if (err)
		return complain(err, "line %s: claim", device);
	return 0;
}

static int open_sound(struct office *office)
{
	const struct office_options *options = office->options;
	const struct tapi_line_caps *caps = &office->line.caps;
	enum hearing hearing = options->hearing;
	int err;

	if (!line_can(&office->line, TAPI_LINE_CAP_PCM) || caps->snd_card == TAPI_LINE_NONE)
		return 0;
	err = sound_new(office->event, caps->snd_card, caps->snd_device, options->law,
			options->buffer_ms, &office_media_ops, office, &office->sound);
	if (err)
		return complain(err, "line %s: sound hw:%u,%u", options->device, caps->snd_card,
				caps->snd_device);
	if (hearing == HEARING_AUTO && !line_can(&office->line, TAPI_LINE_CAP_DTMF_DETECT))
		hearing = HEARING_BOTH;
	if (hearing != HEARING_SOUND && hearing != HEARING_BOTH)
		return 0;
	office->detector = dtmf_rx_init(NULL, on_heard_digits, office);
	return office->detector ? 0 : complain(-ENOMEM, "digits");
}

static void begin_exchange(struct office *office)
{
	struct exchange_config config = office->options->exchange;
	bool feeds = line_can(&office->line, TAPI_LINE_CAP_LINEFEED);

	config.can_open = config.can_open && feeds;
	config.can_reverse = config.can_reverse && feeds &&
			     line_can(&office->line, TAPI_LINE_CAP_POLARITY);
	config.can_caller_id = office->sound && feeds &&
			       line_can(&office->line, TAPI_LINE_CAP_OHT);
	exchange_init(&office->exchange, &exchange_ops, office, &config);
}

static int watch(struct office *office)
{
	int err;

	err = sd_event_add_io(office->event, &office->line_io, office->line.fd, EPOLLIN, on_line,
			      office);
	if (err >= 0)
		err = sd_event_source_set_priority(office->line_io, PRIORITY_LINE);
	if (err >= 0)
		err = sd_event_add_time(office->event, &office->timer, CLOCK_MONOTONIC, UINT64_MAX,
					TIMER_ACCURACY, on_timer, office);
	if (err >= 0)
		err = sd_event_source_set_priority(office->timer, PRIORITY_TIMER);
	if (err >= 0)
		err = sd_event_add_signal(office->event, NULL, SIGTERM, NULL, NULL);
	if (err >= 0)
		err = sd_event_add_signal(office->event, NULL, SIGINT, NULL, NULL);
	if (err < 0)
		return complain(err, "events");
	if (office->options->socket)
		err = control_new_socket(office->event, office->options->socket, &control_ops,
					 office, &office->input);
	else
		err = control_new_file(office->event, STDIN_FILENO, &control_ops, office,
				       &office->input);
	if (err)
		return complain(err, "%s", office->options->socket ? office->options->socket :
								     "standard input");
	return 0;
}

int office_init(struct office *office, const struct office_options *options)
{
	sigset_t signals;
	int err;

	office->options = options;
	office->line.fd = -1;
	office->report.client = -1;
	/* sd-event takes them from a signalfd */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	/* nobody reads the events: the end of the commands is what ends it */
	signal(SIGPIPE, SIG_IGN);
	err = sd_event_new(&office->event);
	if (err < 0)
		return complain(err, "events");
	err = open_line(office);
	if (!err)
		err = open_sound(office);
	if (err)
		return err;
	begin_exchange(office);
	err = watch(office);
	if (err)
		return err;
	set_now(office);
	office_say(office, "ready %s", office->line.caps.line_name);
	return 0;
}

void office_fini(struct office *office)
{
	if (office->exchange.ops)
		exchange_fini(&office->exchange);
	office_stop_play(office);
	office_stop_record(office);
	control_free(office->input);
	sound_free(office->sound);
	if (office->detector)
		dtmf_rx_free(office->detector);
	sd_event_source_disable_unref(office->timer);
	sd_event_source_disable_unref(office->line_io);
	line_close(&office->line);
	free(office->dialling);
	sd_event_unref(office->event);
}
