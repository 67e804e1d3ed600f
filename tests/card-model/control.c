// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control.h"

void control_init(struct control *control, struct card *card, int listener)
{
	control->card = card;
	control->listener = listener;
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++)
		control->clients[i] = (struct control_client){ .fd = -1 };
}

static void drop(struct control_client *client)
{
	close(client->fd);
	free(client->answer);
	*client = (struct control_client){ .fd = -1 };
}

void control_close(struct control *control)
{
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++)
		if (control->clients[i].fd >= 0)
			drop(&control->clients[i]);
	if (control->listener >= 0)
		close(control->listener);
	control->listener = -1;
}

/* A client that has not taken its answer, or waits for one, is not asked for more */
static short wanted(const struct control_client *client)
{
	if (client->answer)
		return POLLOUT;
	return client->waits ? 0 : POLLIN;
}

/* @polled has room for CONTROL_POLLED; returns how many are used */
unsigned int control_poll(const struct control *control, struct pollfd *polled)
{
	unsigned int count = 0;

	if (control->listener >= 0)
		polled[count++] = (struct pollfd){ .fd = control->listener, .events = POLLIN };
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++) {
		const struct control_client *client = &control->clients[i];

		if (client->fd >= 0)
			polled[count++] =
				(struct pollfd){ .fd = client->fd, .events = wanted(client) };
	}
	return count;
}

/* As much of the answer as the client takes now */
static void send_answer(struct control_client *client)
{
	while (client->sent < client->size) {
		ssize_t sent = send(client->fd, client->answer + client->sent,
				    client->size - client->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			return;
		if (sent <= 0) {
			drop(client);
			return;
		}
		client->sent += (size_t)sent;
	}
	free(client->answer);
	client->answer = NULL;
	client->size = client->sent = 0;
}

/* @line NULL: what it waited for has come */
static void command(struct control *control, struct control_client *client, char *line)
{
	FILE *out = open_memstream(&client->answer, &client->size);

	if (!out) {
		drop(client);
		return;
	}
	if (line)
		client->waits = !card_command(control->card, line, out);
	else
		fputs("ok\n", out);
	fclose(out);
	send_answer(client);
}

/* Lines that are complete, one after the other, as long as nothing has to wait */
static void commands(struct control *control, struct control_client *client)
{
	char line[CONTROL_LINE], *end;

	while (client->fd >= 0 && !client->waits && !client->answer &&
	       (end = memchr(client->line, '\n', client->used))) {
		unsigned int length = (unsigned int)(end - client->line);

		memcpy(line, client->line, length);
		line[length] = 0;
		client->used -= length + 1;
		memmove(client->line, end + 1, client->used);
		command(control, client, line);
	}
}

static void hear(struct control *control, struct control_client *client)
{
	ssize_t got;

	if (client->used == CONTROL_LINE) {
		/* As full as can be without a line: this is not our language */
		drop(client);
		return;
	}
	got = recv(client->fd, client->line + client->used, CONTROL_LINE - client->used, 0);
	if (got < 0 && errno == EINTR)
		return;
	if (got <= 0) {
		drop(client);
		return;
	}
	client->used += (unsigned int)got;
	commands(control, client);
}

static void serve(struct control *control, struct control_client *client)
{
	if (!client->answer && !client->waits) {
		hear(control, client);
		return;
	}
	if (client->answer)
		send_answer(client);
	else
		drop(client); /* poll() told an error: it is gone */
	if (client->fd >= 0)
		commands(control, client);
}

static void take_client(struct control *control)
{
	int fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++) {
		if (control->clients[i].fd >= 0)
			continue;
		control->clients[i] = (struct control_client){ .fd = fd };
		return;
	}
	close(fd);
}

/** control_serve() - what poll() found, in the order of control_poll() */
void control_serve(struct control *control, const struct pollfd *polled, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (!polled[i].revents)
			continue;
		if (polled[i].fd == control->listener) {
			take_client(control);
			continue;
		}
		for (unsigned int k = 0; k < CONTROL_CLIENTS; k++)
			if (control->clients[k].fd == polled[i].fd) {
				serve(control, &control->clients[k]);
				break;
			}
	}
}

/** control_settle() - answers those who waited for the card */
void control_settle(struct control *control)
{
	if (!card_settled(control->card))
		return;
	for (unsigned int i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &control->clients[i];

		if (client->fd < 0 || !client->waits)
			continue;
		client->waits = false;
		command(control, client, NULL);
		commands(control, client);
	}
}
