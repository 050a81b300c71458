package org.lguest.api.part;

import org.lguest.api.Guest;
import org.lguest.api.Topics;

/**
 * Whoever wants to know what becomes of guests: a service, as many as one likes. The host tells, on the thread on which it happens, a vCPU's
 * among them: so a listener neither waits, nor throws, nor calls the host back. What happened before it came, it can see from
 * {@link Host#guests}.
 */
public interface GuestListener {
    /** What may happen, with the topic in which it is told to strangers; see there. */
    enum Event {
        ADMITTED(Topics.ADMITTED), STARTED(Topics.STARTED), PAUSED(Topics.PAUSED), PARKED(Topics.PARKED), RESUMED(Topics.RESUMED), ENDED(Topics.ENDED),
        FORGOTTEN(Topics.FORGOTTEN), SEAT(Topics.SEAT_CHANGED), PLUGGED(Topics.DEVICE_PLUGGED);

        private final String topic;

        Event(String topic) { this.topic = topic; }

        /** {@link Topics}. */
        public String topic() { return topic; }
    }

    /**
     * Something has happened.
     *
     * @param detail a few words about it, see {@link Topics}; may be empty
     */
    void told(Guest guest, Event event, String detail);
}
