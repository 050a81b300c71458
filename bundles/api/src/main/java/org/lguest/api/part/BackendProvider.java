package org.lguest.api.part;

import java.io.IOException;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;

/** Opens backends by their spec, {@code scheme:rest}. A service; its scheme and type are its identity. */
public interface BackendProvider {
    /** The kind of device that the backends serve. */
    DeviceType type();

    /** The part of a spec before the first colon: {@code raw}, {@code stdio}. */
    String scheme();

    /**
     * Opens a backend.
     *
     * @param rest the spec behind the colon
     * @throws IOException with a sentence for the user when it cannot
     */
    Backend open(Guest guest, String rest) throws IOException;
}
