/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cookies: one-time, for a while, for whom; and the limits of the relay */
#include "relay-util.h"

enum { ONCE = 130, WRONG, EXPIRED, UID, PID, REVOKED, OWN, DEAD, NO_ROOM, NOTICE, GRANTS, LINE,
       SOCKET, PARAMS };

#define PARAM "/sys/module/tapi/parameters/"
#define NOBODY 65534

static int write_param(const char *name, unsigned int value)
{
	char path[128];
	FILE *file;
	int err;

	snprintf(path, sizeof(path), PARAM "%s", name);
	file = fopen(path, "w");
	if (!file)
		return -errno;
	fprintf(file, "%u", value);
	err = fclose(file) ? -errno : 0;
	return err;
}

static bool provider(struct rn *s, uint8_t line)
{
	CHECK_ERR(rn_open_port(s, 0), 0);
	CHECK_ERR(rn_bind(s, line), 0);
	return true;
}

static bool both(struct rn *s, struct rn *app, uint8_t line)
{
	CHECK_ERR(rn_open_port(app, 0), 0);
	return provider(s, line);
}

static bool once(void)
{
	struct rn_cookie cookie, second;
	uint32_t instance, other;
	struct rn s, app;
	struct rn_msg msg;

	CHECK(both(&s, &app, ONCE), "start");
	CHECK_ERR(rn_grant(&s, ONCE, &cookie), 0);
	CHECK(cookie.expires_ms == 30000 && cookie.grant, "%u", cookie.expires_ms);
	CHECK_ERR(rn_create(&app, &cookie, &instance), 0);
	CHECK_ERR(rn_create(&app, &cookie, &other), -EKEYREJECTED);
	CHECK(app.text[0] && app.bad, "no text or attribute");
	CHECK_ERR(rn_instances(&app, NULL, 0), 1);
	CHECK_ERR(rn_grant(&s, ONCE, &second), 0);
	CHECK(memcmp(cookie.bytes, second.bytes, sizeof(cookie.bytes)) &&
	      cookie.grant != second.grant, "the same again");
	CHECK_ERR(rn_create(&app, &second, &other), 0);
	CHECK(other != instance, "the same instance");
	CHECK(rn_expect(&s, TAPI_NL_CMD_INSTANCE_NEW, &msg), "first");
	CHECK(rn_get(&msg, TAPI_NL_A_GRANT) == cookie.grant, "grant");
	CHECK(rn_expect(&s, TAPI_NL_CMD_INSTANCE_NEW, &msg), "second");
	CHECK(rn_get(&msg, TAPI_NL_A_GRANT) == second.grant, "grant");
	return true;
}

static bool wrong(void)
{
	struct rn_cookie cookie, guess = { 0 };
	uint32_t instance;
	struct rn s, app;
	unsigned int i;

	CHECK(both(&s, &app, WRONG), "start");
	CHECK_ERR(rn_create(&app, &guess, &instance), -EKEYREJECTED);
	CHECK_ERR(rn_grant(&s, WRONG, &cookie), 0);
	for (i = 0; i < 128; i++) {
		guess = cookie;
		guess.bytes[i / 8] ^= 1 << i % 8;
		CHECK_ERR(rn_create(&app, &guess, &instance), -EKEYREJECTED);
	}
	CHECK_ERR(rn_instances(&app, NULL, 0), 0);
	CHECK_ERR(rn_create(&app, &cookie, &instance), 0);
	return true;
}

static bool expired(void)
{
	struct rn_cookie cookie;
	uint32_t instance;
	struct rn s, app;

	CHECK(both(&s, &app, EXPIRED), "start");
	CHECK_ERR(write_param("grant_ms", 50), 0);
	CHECK_ERR(rn_grant(&s, EXPIRED, &cookie), 0);
	CHECK_ERR(write_param("grant_ms", 30000), 0);
	CHECK(cookie.expires_ms == 50, "%u", cookie.expires_ms);
	usleep(60000);
	CHECK_ERR(rn_create(&app, &cookie, &instance), -EKEYREJECTED);
	CHECK(strstr(app.text, "expired"), "\"%s\"", app.text);
	return true;
}

static int grant_for(struct rn *s, uint8_t line, int type, uint32_t value,
		     struct rn_cookie *cookie)
{
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_GRANT);
	rn_guid(&rq, line);
	rn_u32(&rq, TAPI_NL_A_ADDRESS, 3);
	rn_u32(&rq, type, value);
	return rn_grant_rq(s, &rq, cookie);
}

static bool for_uid(void)
{
	struct rn_cookie cookie;
	uint32_t instance;
	struct rn s, app;
	struct rn_msg msg;

	CHECK(both(&s, &app, UID), "start");
	CHECK_ERR(grant_for(&s, UID, TAPI_NL_A_UID, UINT32_MAX, &cookie), -EINVAL);
	CHECK_ERR(grant_for(&s, UID, TAPI_NL_A_UID, NOBODY, &cookie), 0);
	CHECK_ERR(rn_create(&app, &cookie, &instance), -EKEYREJECTED);
	CHECK(strstr(app.text, "somebody else"), "\"%s\"", app.text);
	CHECK(!seteuid(NOBODY), "seteuid");
	CHECK_ERR(rn_create(&app, &cookie, &instance), 0);
	CHECK(!seteuid(0), "seteuid");
	CHECK(rn_expect(&s, TAPI_NL_CMD_INSTANCE_NEW, &msg), "notice");
	CHECK(rn_get(&msg, TAPI_NL_A_UID) == NOBODY, "uid %u", rn_get(&msg, TAPI_NL_A_UID));
	return true;
}

static bool for_pid(void)
{
	struct rn_cookie cookie;
	uint32_t instance;
	struct rn s, app;
	int status;
	pid_t pid;

	CHECK(both(&s, &app, PID), "start");
	CHECK_ERR(grant_for(&s, PID, TAPI_NL_A_PID, 0x3fffffff, &cookie), -ESRCH);
	CHECK_ERR(grant_for(&s, PID, TAPI_NL_A_PID, getpid(), &cookie), 0);
	pid = fork();
	if (!pid)
		_exit(rn_create(&app, &cookie, &instance) != -EKEYREJECTED);
	CHECK(waitpid(pid, &status, 0) == pid && !status, "another process may use it");
	CHECK_ERR(rn_create(&app, &cookie, &instance), 0);
	return true;
}

static int revoke_grant(struct rn *s, uint8_t line, uint32_t grant)
{
	struct rn_req rq;

	rn_cmd(&rq, TAPI_NL_CMD_GRANT_REVOKE);
	rn_guid(&rq, line);
	rn_u32(&rq, TAPI_NL_A_GRANT, grant);
	return rn_talk(s, &rq, NULL);
}

static bool revoked(void)
{
	struct rn_cookie cookie, other;
	uint32_t instance;
	struct rn s, app;

	CHECK(both(&s, &app, REVOKED), "start");
	CHECK_ERR(rn_grant(&s, REVOKED, &cookie), 0);
	CHECK_ERR(rn_grant(&s, REVOKED, &other), 0);
	CHECK_ERR(revoke_grant(&app, REVOKED, cookie.grant), -EPERM);
	CHECK_ERR(revoke_grant(&s, REVOKED, other.grant + 7), -ENOENT);
	CHECK_ERR(revoke_grant(&s, REVOKED, cookie.grant), 0);
	CHECK_ERR(revoke_grant(&s, REVOKED, cookie.grant), -ENOENT);
	CHECK_ERR(rn_create(&app, &cookie, &instance), -EKEYREJECTED);
	CHECK_ERR(rn_create(&app, &other, &instance), 0);
	CHECK_ERR(revoke_grant(&s, REVOKED, other.grant), -ENOENT);
	return true;
}

static bool own(void)
{
	struct rn_cookie cookie;
	uint32_t instance;
	struct rn s, app;

	CHECK(both(&s, &app, OWN), "start");
	CHECK_ERR(rn_grant(&app, OWN, &cookie), -EPERM);
	CHECK_ERR(rn_grant(&s, OWN, &cookie), 0);
	CHECK_ERR(rn_create(&s, &cookie, &instance), -EINVAL);
	CHECK_ERR(rn_create(&app, &cookie, &instance), 0);
	return true;
}

static bool dead(void)
{
	struct rn_cookie cookie, second;
	uint32_t instance;
	struct rn s, app;

	CHECK(both(&s, &app, DEAD), "start");
	CHECK_ERR(rn_grant(&s, DEAD, &cookie), 0);
	CHECK_ERR(rn_unbind(&s, DEAD), 0);
	CHECK_ERR(rn_create(&app, &cookie, &instance), -EKEYREJECTED);
	CHECK_ERR(rn_bind(&s, DEAD), 0);
	CHECK_ERR(rn_create(&app, &cookie, &instance), -EKEYREJECTED);
	CHECK_ERR(rn_grant(&s, DEAD, &second), 0);
	rn_close(&s);
	CHECK(rn_line_gone(&app, DEAD), "line");
	CHECK_ERR(rn_create(&app, &second, &instance), -EKEYREJECTED);
	return true;
}

/* The provider cannot be told: EAGAIN, and the cookie stays good */
static bool no_room(void)
{
	int size = 1, created = 0, err, i;
	struct rn_cookie cookie[20];
	uint32_t instance;
	struct rn s, app;
	struct rn_msg msg;

	CHECK(both(&s, &app, NO_ROOM), "start");
	for (i = 0; i < 20; i++)
		CHECK_ERR(rn_grant(&s, NO_ROOM, &cookie[i]), 0);
	CHECK(!setsockopt(s.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), "rcvbuf");
	while (!(err = rn_create(&app, &cookie[created], &instance)))
		CHECK(++created < 20, "never full");
	CHECK(err == -EAGAIN && created, "%d after %d", err, created);
	CHECK(app.text[0], "no text");
	CHECK_ERR(rn_create(&app, &cookie[created], &instance), -EAGAIN);
	CHECK_ERR(rn_instances(&app, NULL, 0), created);
	for (i = 0; i < created; i++)
		CHECK(rn_expect(&s, TAPI_NL_CMD_INSTANCE_NEW, &msg), "notice %d", i);
	CHECK_ERR(rn_create(&app, &cookie[created], &instance), 0);
	CHECK(rn_expect(&s, TAPI_NL_CMD_INSTANCE_NEW, &msg), "notice");
	CHECK(rn_get(&msg, TAPI_NL_A_INSTANCE) == instance, "whose");
	return true;
}

static bool notice(void)
{
	struct rn_cookie cookie;
	uint32_t instance;
	struct rn s, app;
	struct rn_msg msg;

	CHECK(both(&s, &app, NOTICE), "start");
	CHECK_ERR(rn_grant(&s, NOTICE, &cookie), 0);
	CHECK_ERR(rn_create(&app, &cookie, &instance), 0);
	CHECK(rn_expect(&s, TAPI_NL_CMD_INSTANCE_NEW, &msg), "notice");
	CHECK(rn_is_line(&msg, NOTICE) && rn_get(&msg, TAPI_NL_A_INSTANCE) == instance &&
	      rn_get(&msg, TAPI_NL_A_ADDRESS) == 3 && rn_get(&msg, TAPI_NL_A_GRANT) == cookie.grant &&
	      rn_get(&msg, TAPI_NL_A_PID) == (uint32_t)getpid() &&
	      msg.a[TAPI_NL_A_UID] && rn_get(&msg, TAPI_NL_A_UID) == 0, "content");
	return true;
}

static bool grants(void)
{
	struct rn_cookie cookie[64], more;
	struct rn s;
	int i;

	CHECK(provider(&s, GRANTS), "start");
	for (i = 0; i < 64; i++)
		CHECK_ERR(rn_grant(&s, GRANTS, &cookie[i]), 0);
	CHECK_ERR(rn_grant(&s, GRANTS, &more), -ENOSPC);
	CHECK(s.text[0], "no text");
	CHECK_ERR(revoke_grant(&s, GRANTS, cookie[20].grant), 0);
	CHECK_ERR(rn_grant(&s, GRANTS, &more), 0);
	CHECK_ERR(rn_grant(&s, GRANTS, &more), -ENOSPC);
	return true;
}

static bool fill_line(struct rn *s, struct rn *app, uint8_t line, uint32_t *last)
{
	struct rn_cookie cookie;
	struct rn_msg msg;
	int i;

	for (i = 0; i < 64; i++) {
		CHECK_ERR(rn_grant(s, line, &cookie), 0);
		CHECK_ERR(rn_create(app, &cookie, last), 0);
		CHECK(rn_expect(s, TAPI_NL_CMD_INSTANCE_NEW, &msg), "notice");
	}
	return true;
}

static bool per_line(void)
{
	struct rn_cookie cookie;
	uint32_t instance, last;
	struct rn s, app;

	CHECK(both(&s, &app, LINE), "start");
	CHECK(fill_line(&s, &app, LINE, &last), "64");
	CHECK_ERR(rn_grant(&s, LINE, &cookie), 0);
	CHECK_ERR(rn_create(&app, &cookie, &instance), -ENOSPC);
	CHECK(app.text[0], "no text");
	CHECK_ERR(rn_instance_cmd(&app, TAPI_NL_CMD_INSTANCE_CLOSE, last), 0);
	CHECK_ERR(rn_create(&app, &cookie, &instance), 0);
	CHECK_ERR(rn_instances(&app, NULL, 0), 64);
	return true;
}

static bool per_socket(void)
{
	struct rn_cookie cookie;
	uint32_t instance;
	struct rn s, app, second;
	int i;

	CHECK(both(&s, &app, SOCKET), "start");
	CHECK_ERR(rn_open_port(&second, 0), 0);
	CHECK(fill_line(&s, &app, SOCKET, &instance), "64");
	for (i = 1; i < 4; i++) {
		CHECK_ERR(rn_bind(&s, SOCKET + 20 * i), 0);
		CHECK(fill_line(&s, &app, SOCKET + 20 * i, &instance), "line %d", i);
	}
	CHECK_ERR(rn_bind(&s, SOCKET + 20 * i), 0);
	CHECK_ERR(rn_grant(&s, SOCKET + 20 * i, &cookie), 0);
	CHECK_ERR(rn_create(&app, &cookie, &instance), -ENOSPC);
	CHECK_ERR(rn_create(&second, &cookie, &instance), 0);
	CHECK_ERR(rn_instances(&app, NULL, 0), 256);
	CHECK_ERR(rn_instances(&second, NULL, 0), 1);
	return true;
}

static bool params(void)
{
	CHECK_ERR(write_param("grant_ms", 9), -EINVAL);
	CHECK_ERR(write_param("grant_ms", 600001), -EINVAL);
	CHECK_ERR(write_param("max_instances", 0), -EINVAL);
	CHECK_ERR(write_param("max_socket_instances", 4097), -EINVAL);
	CHECK_ERR(write_param("max_grants", 0), -EINVAL);
	CHECK_ERR(write_param("max_grants", 64), 0);
	return true;
}

static const struct rn_case cases[] = {
	{ once, "a cookie is good once" },
	{ wrong, "one wrong bit is EKEYREJECTED, and harms nothing" },
	{ expired, "an old cookie is EKEYREJECTED" },
	{ for_uid, "a cookie for a user" },
	{ for_pid, "a cookie for a process" },
	{ revoked, "a revoked cookie" },
	{ own, "only the provider grants, and not to itself" },
	{ dead, "cookies end with their provider" },
	{ no_room, "the provider cannot be told: EAGAIN, and the cookie stays good" },
	{ notice, "INSTANCE_NEW says who came, with which grant, for which address" },
	{ grants, "64 unused cookies of one provider: ENOSPC" },
	{ per_line, "64 instances of one line: ENOSPC" },
	{ per_socket, "256 instances of one socket: ENOSPC" },
	{ params, "parameters are checked" },
};

RN_MAIN(cases)
