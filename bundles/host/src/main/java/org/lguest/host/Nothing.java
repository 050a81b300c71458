package org.lguest.host;

import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;

/** Stands behind devices that need nothing behind them; always there. */
record Nothing(DeviceType type) implements BackendProvider {
    @Override
    public String scheme() { return ""; }

    @Override
    public Backend open(Guest guest, String rest) { return Backend.NONE; }
}
