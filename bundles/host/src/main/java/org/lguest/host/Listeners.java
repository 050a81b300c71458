package org.lguest.host;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.lguest.api.Guest;
import org.lguest.api.part.GuestListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All who listen, as one; who fails disturbs nobody. */
final class Listeners implements GuestListener {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final List<GuestListener> all = new CopyOnWriteArrayList<>();

    void add(GuestListener one) { all.add(one); }

    void remove(GuestListener one) { all.remove(one); }

    @Override
    public void told(Guest guest, Event event, String detail) {
        for (GuestListener l : all)
            try {
                l.told(guest, event, detail);
            } catch (RuntimeException e) {
                LOG.error("{}: a listener failed at {}", guest, event, e);
            }
    }
}
