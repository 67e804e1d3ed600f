/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The objects of tapisrv and who owns whom.
 *
 *	server ── providers ── lines ── calls
 *	   └───── clients ── apps ── opens ── appcalls
 *
 * A call is one thing of a provider; an appcall is what one open line of one program has of it, and
 * what an HCALL names. Everything happens in one thread. Nothing waits: a question to a host is a
 * struct op, and the answer goes on from its `done`. What an op needs later it holds by reference
 * (call, client) or by handle (open, appcall), because programs and hosts may be gone by then.
 */
#ifndef TAPISRV_SERVER_H
#define TAPISRV_SERVER_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>
#include <tapi/tapi.h>
#include <tapi/tapi_linux.h>

#include "handle.h"
#include "link.h"
#include "list.h"
#include "tapi.pb-c.h"

#define SERVER_API_LOW		0x00010003u
#define SERVER_API_HIGH		0x00030001u
#define SERVER_DEADLINE_USEC	15000000u	/* for answers of hosts, the default */
#define SERVER_START_USEC	5000000u	/* how long programs wait for the first devices */
#define CLIENTS_PER_UID		64u
#define APPS_PER_CLIENT		64u
#define OPENS_PER_APP		4096u
#define REQUESTS_PER_APP	4096u
#define NAME_BYTES_MAX		128u		/* of programs: they come in lists of programs */
#define CALLS_PER_LINE		64u
#define EVENT_QUEUE_HIGH	(256u << 10)	/* bytes a program may leave unread */
#define UNREAD_USEC		30000000u	/* before it is disconnected, unless configured */

struct config;

struct server {
	sd_event *event;
	struct list providers, clients;
	struct line **lines;		/* by device id; ids are never reused */
	uint32_t lines_count;
	uint32_t next_number;		/* of lines and calls at the hosts */
	uint32_t next_request, next_client;
	void *requests;			/* tree of struct request */
	void *line_numbers;		/* tree of struct line that hosts have open */
	uint64_t epoch;
	uint64_t started_usec;
	uint64_t requests_count, events_count, broken;
	bool stopping;
	bool adopted;			/* sockets come from systemd */
	struct config *config;
	sd_event_source *start_timer;
	struct list starting;		/* struct waiting: programs that wait for providers */
	const char *socket, *admin_socket, *config_dir, *tsphost, *module_dir, *trace;
	bool any_owner;			/* tests: modules need not be root's */
};

extern struct server server;

/* ---- config.c ---- */

struct setting {
	char *key, *value;
};

/* providers.d/NAME.conf */
struct provider_config {
	char *name;
	char *module;			/* absolute path */
	struct setting *settings;	/* all keys of [Provider] */
	size_t settings_count;
	bool enabled;
};

struct config {
	bool drop_unowned;
	uint64_t unread_usec, deadline_usec;
	struct provider_config *providers;
	size_t providers_count;
};

/*
 * Reads everything; what is wrong is logged with file and line, and @strict makes it NULL: a reload
 * is refused as a whole, a start takes what is right
 */
struct config *config_read(bool strict);
void config_free(struct config *config);

/* ---- provider.c ---- */

enum provider_state {
	PROVIDER_WAITING,	/* for the back-off */
	PROVIDER_STARTING,	/* Setup or Start under way */
	PROVIDER_RUNNING,
	PROVIDER_DISABLED,
};

struct provider {
	struct list node;
	const struct provider_config *config;
	uint32_t id;			/* permanent provider id */
	enum provider_state state;
	struct link *link;
	sd_event_source *io, *timer, *deadline, *child;
	struct list ops;		/* questions under way, oldest first */
	struct list requests;		/* not completed yet */
	struct list lines;
	void *calls;			/* tree of struct call by number */
	pid_t pid;
	uint32_t tspi_version, restarts;
	uint8_t guid[16];
	char version[64], reason[256];
	struct provider_config gone;	/* in the place of a configuration that was removed */
	char gone_name[128];
	bool tried;			/* the first attempt is over, well or not */
	unsigned int deaths;		/* in the window of back-off */
	uint64_t running_since, first_death;
};

void providers_start(void);
int providers_reload(void);		/* negative: the configuration is wrong, nothing changed */
void providers_stop(void);		/* asks every host to stop, then ends the loop */
bool providers_settled(void);		/* none is in its first attempt */
void providers_waited(void);		/* long enough: programs go on with what is there */
void provider_restart(struct provider *provider);
void providers_free(void);
struct provider *provider_find(const char *name);
const char *provider_state_name(const struct provider *provider);
uint64_t provider_retry_usec(const struct provider *provider);	/* until the next attempt */

/* ---- backoff.c, pure ---- */

/* Time of the next attempt, or UINT64_MAX: it dies too often and is given up */
uint64_t backoff_next(unsigned int deaths, uint64_t first_death, uint64_t now);

/* ---- op.c: questions to hosts ---- */

struct call;
struct client;
struct op;

/* @out NULL: no answer; op->result has the reason */
typedef void op_done(struct op *op, const ProtobufCMessage *out);

struct op {
	struct list node;
	struct provider *provider;
	uint32_t serial;
	uint64_t expires;
	op_done *done;			/* of a patient one again when the answer comes too late */
	int32_t result;
	bool patient;			/* what succeeds too late has to be undone */
	/* the program's request that waits for it; NULL for none */
	ProtobufCClosure closure;
	void *closure_data;
	/* what done() needs; call and client are held */
	struct call *call;
	struct client *client;
	struct line *line;
	uint32_t handle, number, value;
};

/**
 * op_new - a question to a host
 *
 * Returns NULL for lack of memory or when the provider does not run; the caller answers then.
 */
struct op *op_new(struct provider *provider, op_done *done);

/* The same for the request of a program that waits for the answer */
struct op *op_new_for(struct provider *provider, op_done *done, struct client *client,
		      ProtobufCClosure closure, void *closure_data);

/* A closure of a program's request as op_new_for() and answer_error() want it */
#define CLOSURE(closure)	((ProtobufCClosure)(void (*)(void))(closure))

/* The closure to give to the stub, with the op as data; then op_sent() */
void op_answered(const ProtobufCMessage *out, void *data);
void op_sent(struct op *op);
void op_cancel(struct op *op);		/* it was not asked after all */

/* Result of an answer, or op->result without one */
int32_t op_result(const struct op *op, const ProtobufCMessage *out);

/* Stubs of a host */
#define HOST(provider)	link_service((provider)->link, TAPI__RPC__SERVICE_ID__SERVICE_HOST)
#define TSPI(provider)	link_service((provider)->link, TAPI__RPC__SERVICE_ID__SERVICE_TSPI)

/* A closure with the type a stub wants */
#define OP_CLOSURE(type)	((Tapi__Rpc__##type##_Closure)(void (*)(void))op_answered)

/* ---- line.c ---- */

enum line_state { LINE_CLOSED, LINE_OPENING, LINE_OPENED };

struct line {
	uint32_t number;		/* HTAPILINE while opened; first: key of trees */
	struct list node;		/* of the provider */
	struct provider *provider;	/* NULL once removed */
	uint32_t device;		/* id programs see */
	uint32_t driver;		/* id the provider sees */
	enum line_state state;
	bool out_of_service, removed;
	bool present;			/* the host that runs has it */
	unsigned int closing;		/* LineClose under way: not to be opened yet */
	uint32_t version;		/* TSPI version */
	uint32_t extension[4];
	Tapi__Rpc__DevCaps *caps;	/* of the highest version */
	Tapi__Rpc__AddressCaps **addresses;	/* as they are asked for */
	uint32_t caps_addresses;	/* their number */
	struct list opens, calls;
	struct list waiting;		/* struct op: opens that wait for the host */
	uint32_t media_told, line_states_told, address_states_told;
	bool has_msp;
	uint8_t msp[16];
	bool msp_bound;			/* by its GUID, for lines without hardware */
	uint8_t guid[16];
};

/* Lines of a provider that has just started: ask for all they can, then ready() once */
void lines_discover(struct provider *provider, uint32_t base, uint32_t count,
		    void (*ready)(struct provider *provider));
uint32_t lines_reserve(struct provider *provider, uint32_t count);
void lines_lost(struct provider *provider);	/* its host died */
void lines_free(void);
void lines_reopen(struct provider *provider);	/* it is back */
struct line *line_find(uint32_t device);
bool line_in_service(const struct line *line);
struct line *line_of_number(uint32_t number);
void line_created(struct provider *provider, uint64_t temp);
void line_removed(struct line *line);
void line_caps_changed(struct line *line);
void line_open_host(struct line *line, bool again);
void line_close_host(struct line *line);
void line_number_set(struct line *line, uint32_t number);
extern const Tapi__Rpc__Line_Service line_service;

/* ---- open.c ---- */

struct open {
	struct list in_line, in_app;
	struct app *app;
	struct line *line;
	uint32_t handle;
	uint32_t version, privileges, media_modes;
	uint32_t line_states, address_states;
	int64_t address;		/* restricted to it, or -1 */
	struct list calls;		/* appcalls */
	uint64_t order;			/* older opens come first */
	bool settled;			/* the program knows its handle */
	Tapi__Rpc__OpenOut_Closure closure;	/* until then */
	void *closure_data;
};

void open_begin(struct client *client, const Tapi__Rpc__OpenIn *in,
		Tapi__Rpc__OpenOut_Closure closure, void *data);
void open_request(const Tapi__Rpc__OpenIn *in, Tapi__Rpc__OpenOut_Closure closure, void *data);
/* A line a program has open; NULL after having answered */
struct open *open_of(uint32_t handle, ProtobufCClosure closure, void *data);
void open_opened(struct line *line, int32_t result, const Tapi__Rpc__Error *error);
void open_free(struct open *open);	/* tells nobody; calls must be gone */
void open_close(struct open *open);	/* as lineClose() */
void open_forced(struct open *open);	/* LINE_CLOSE */
void filters_update(struct line *line);	/* what the provider is to tell */
bool filters_are_told(const struct line *line);

/* ---- call.c ---- */

struct call {
	uint32_t number;		/* HTAPICALL; first: key of trees */
	unsigned int refs;
	struct list node;		/* of the line */
	struct line *line;
	uint32_t call_id, address, state, mode, media_mode, origin;
	struct list appcalls;
	bool tentative;			/* LineMakeCall has not succeeded yet */
	bool offered;			/* programs have been chosen */
	bool closed;			/* the host was told LineCloseCall, or is gone */
	uint32_t digit_modes_told, media_modes_told;
	char *app_name, *displayable, *called_party, *comment;
	uint32_t gather;		/* end-to-end id under way, 0 none */
	uint32_t gather_owner;		/* handle of the appcall */
	struct client *gather_client;	/* only compared */
	uint32_t generate, generate_owner;
	struct client *generate_client;	/* only compared */
};

struct appcall {
	struct list in_call, in_open;
	struct call *call;
	struct open *open;
	uint32_t handle;
	uint32_t privilege;
	uint32_t digit_modes, media_modes;
	bool known;			/* the program has been told of the handle */
	bool over;			/* ... and of the end */
};

struct call *call_new(struct line *line, uint32_t number);
struct call *call_find(struct provider *provider, uint32_t number);
struct call *call_ref(struct call *call);
void call_unref(struct call *call);
bool call_alive(const struct call *call);	/* neither idle nor gone */
void call_close(struct call *call);		/* LineCloseCall, forget it */
void call_state(struct call *call, uint32_t state, uint32_t mode, uint32_t media);
void call_gone(struct call *call, uint32_t mode);	/* DISCONNECTED and IDLE, by us */
struct appcall *appcall_new(struct call *call, struct open *open, uint32_t privilege);
struct appcall *appcall_get(struct client *client, uint32_t handle);
void appcall_free(struct appcall *appcall);
void appcall_deallocate(struct appcall *appcall);
void appcall_announce(struct appcall *appcall, uint32_t state, uint32_t mode);
/* A program's question about its call; NULL: the host is gone */
struct op *appcall_question(struct appcall *appcall, op_done *done, ProtobufCClosure closure,
			    void *data);
/* The same; NULL after having answered */
struct op *appcall_ask(struct appcall *appcall, op_done *done, Tapi__Rpc__Result_Closure closure,
		       void *data);
unsigned int call_owners(const struct call *call);
void call_drop(struct call *call);
void call_filters(struct call *call);
void call_filters_wanted(const struct call *call, uint32_t *digits, uint32_t *media);
void call_count_changed(struct call *call, const struct appcall *not_to, uint32_t bits);
extern const Tapi__Rpc__Call_Service call_service;

/* ---- digits.c ---- */

/* Answers the program when the provider has agreed */
void digits_monitor(struct appcall *appcall, uint32_t modes, Tapi__Rpc__Result_Closure closure,
		    void *data);
void media_monitor(struct appcall *appcall, uint32_t modes, Tapi__Rpc__Result_Closure closure,
		   void *data);
/* What the provider says to a request to gather or generate */
void gather_asked(struct op *op, const ProtobufCMessage *out);
void generate_asked(struct op *op, const ProtobufCMessage *out);
void digits_cancel(struct call *call);
uint32_t digits_new_gather(struct appcall *appcall);
uint32_t digits_new_generate(struct appcall *appcall);
void digits_gathered(struct call *call, uint32_t id, const char *digits, uint32_t reason,
		     uint32_t when);
void digits_generated(struct call *call, uint32_t id, uint32_t reason, uint32_t when);
void digits_monitored(struct call *call, uint32_t digit, uint32_t mode, uint32_t when);
void media_monitored(struct call *call, uint32_t mode, uint32_t when);
void digits_appcall_gone(struct appcall *appcall);

/* ---- route.c, pure ---- */

struct route_open {
	uint32_t privileges, media_modes;
	int64_t address;
	uint64_t order;
};

/* Index of the open that becomes owner of an offer, -1 for none */
int route_owner(const struct route_open *opens, size_t count, uint32_t media, uint32_t address);

/* Does this open hear of calls to that address? */
bool route_monitors(const struct route_open *open, uint32_t address);

/* ---- request.c: asynchronous requests ---- */

struct request {
	uint32_t id;			/* DRV_REQUESTID and what the program was told; first */
	struct list in_app, in_provider;
	struct provider *provider;
	struct app *app;		/* NULL: nobody waits any more */
	struct call *call;		/* held; of MakeCall: the new one */
	uint32_t handle;		/* appcall of a new call */
	bool makes_call;
	uint32_t open;			/* handle, of MakeCall */
};

struct request *request_new(struct app *app, struct provider *provider);
void request_drop(struct request *request);	/* it was not begun after all */
/* Answers the program with the id of the request; then the host may be asked */
void request_accept(struct request *request, Tapi__Rpc__AsyncOut_Closure closure, void *data);
/* Instead, when it cannot be begun; @op, its question, is not asked. NULL: there is no host */
void request_refuse(struct op *op, Tapi__Rpc__AsyncOut_Closure closure, void *data);
/* The host's answer to the question itself: an op whose number is the id */
void request_asked(struct op *op, const ProtobufCMessage *out);
/*
 * @error: NULL: the provider refuses, and has said no more than @result
 * @event: what the provider said; NULL when it did not come to that
 */
void request_complete(uint32_t id, int32_t result, const Tapi__Rpc__Error *error,
		      const Tapi__Rpc__CompleteEvent *event);
/* The same when it did not come to that, because of @why */
void request_fail(struct request *request, int32_t result, const char *why);
void requests_lost(struct provider *provider);
void requests_of_app(struct app *app);	/* the program is gone */
void requests_of_open(struct open *open);
void requests_fail_of_open(struct open *open);	/* the same, but the program is answered */
void requests_of_line(struct line *line);	/* nothing will complete them */

/* ---- client.c ---- */

struct app {
	struct list node;
	struct client *client;
	uint32_t handle;
	uint32_t api_version;
	char *friendly_name, *module_name;
	bool ready;			/* it knows which devices there are */
	struct list opens, requests;
	uint32_t opens_count, requests_count;
	/* negotiated version by device id, 0 for none */
	uint32_t *versions;
	uint32_t versions_count;
};

struct client {
	struct list node;
	unsigned int refs;
	struct link *link;
	sd_event_source *io, *unread;
	uint32_t number;		/* newer ones have greater ones */
	bool admin, greeted;
	pid_t pid;
	uid_t uid;
	char *program;
	struct handle_table handles;
	struct list apps;
	uint32_t apps_count;
	uint32_t seq;
	uint32_t lost;			/* events since the last that was sent */
	bool resync;			/* tell it to ask for a snapshot once it reads again */
	uint64_t dropped;
};

int clients_listen(int fd, bool admin);
void clients_free(void);
struct client *client_ref(struct client *client);
void client_unref(struct client *client);
struct client *client_of(void *closure_data);

/* A request that came before the first devices were known */
struct waiting {
	struct list node;
	struct client *client;		/* held */
	void (*go_on)(struct waiting *waiting);	/* frees it; also when the program has gone */
};

void waiting_begin(struct waiting *waiting);	/* goes on at once when all is known */
void client_close(struct client *client, const char *why);
struct app *app_new(struct client *client, uint32_t api_version, const char *friendly_name,
		    const char *module_name);
void app_free(struct app *app);
bool app_set_version(struct app *app, uint32_t device, uint32_t version);
uint32_t app_version(const struct app *app, uint32_t device);
extern const Tapi__Rpc__App_Service app_service;

/* Types of handles: addresses that are unique */
extern const char handle_app[1], handle_open[1], handle_appcall[1];

static inline struct app *app_get(struct client *client, uint32_t handle)
{
	return handle_get(&client->handles, handle_app, handle);
}

static inline struct open *open_get(struct client *client, uint32_t handle)
{
	return handle_get(&client->handles, handle_open, handle);
}

/* ---- event.c: messages to programs ---- */

enum event_class { EVENT_MUST, EVENT_STATE, EVENT_MERGE, EVENT_FLOW };

/* One message; @device is the handle it is about */
void event_send(struct app *app, enum event_class class, uint32_t device, uint32_t message,
		uint64_t p1, uint64_t p2, uint64_t p3);
void event_call(struct appcall *appcall, enum event_class class, uint32_t message, uint64_t p1,
		uint64_t p2, uint64_t p3);
void event_new_call(struct appcall *appcall);
/* LINE_LINEDEVSTATE to the opens that asked for it */
void event_line_state(struct line *line, uint32_t bits, uint64_t p2, uint64_t p3);
/* To every program, whatever it has open */
void event_all(uint32_t message, uint64_t p1);
void event_reply(struct app *app, uint32_t id, int32_t result, const Tapi__Rpc__Error *error,
		 struct appcall *call, const ProtobufCBinaryData *bytes);
void event_gathered(struct appcall *appcall, const char *digits, uint32_t reason, uint32_t tick);
void event_relieved(struct client *client);	/* it reads again */

/* ---- host_events.c, msp.c, admin.c, snapshot.c ---- */

extern const Tapi__Rpc__HostEvents_Service host_events_service;
extern const Tapi__Rpc__Msp_Service msp_service;
extern const Tapi__Rpc__Admin_Service admin_service;
extern const Tapi__Rpc__Link_Service link_service_table;
void msp_unbind(struct line *line);
void snapshot_make(struct app *app, Tapi__Rpc__SnapshotOut_Closure closure, void *data);
void snapshot_resume(const Tapi__Rpc__ResumeIn *in, Tapi__Rpc__ResumeOut_Closure closure,
		     void *data);

/* ---- invariants.c ---- */

void invariant_broken(const char *what);
void invariants_check(void);

/* ---- answer.c ---- */

/* Fills @error; the text is not copied */
void error_by_server(Tapi__Rpc__Error *error, const char *text);
/* An answer that says no: works for every *Out message */
void answer_error(ProtobufCClosure closure, void *closure_data,
		  const ProtobufCMessageDescriptor *output, int32_t result, unsigned int origin,
		  int number, const char *text);
#define ANSWER_ERROR(type, snake, closure, data, result, text)				\
	answer_error(CLOSURE(closure), data, &tapi__rpc__##snake##__descriptor, result,	\
		     TAPI_ORIGIN_SERVER, 0, text)
void answer_result(Tapi__Rpc__Result_Closure closure, void *data, int32_t result, const char *text);

/* Hands the host's answer on to the program that asked, as it is */
void answer_forward(struct op *op, const ProtobufCMessage *out);

/* A copy of at most NAME_BYTES_MAX bytes without control characters; NULL of NULL */
char *name_copy(const char *name);

/* Trees of structures that begin with a uint32_t */
void *tree_find(void *const *root, uint32_t number);
bool tree_add(void **root, void *object);
void tree_remove(void **root, const void *object);

uint64_t now_usec(void);
void log_message(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif /* TAPISRV_SERVER_H */
