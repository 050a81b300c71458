package org.lguest.device.classic;

import org.lguest.api.DmaMessages;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Generation;
import org.lguest.api.part.Backend;
import org.lguest.api.part.ConsoleBackend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.DmaList;
import org.osgi.service.component.annotations.Component;

/**
 * D:710 The console of Linux 2.6.23 (ABI section 10.5). No page, no queue: what the Guest sends to key 0 is printed, from the first line of C
 * on; and when it has bound a buffer to key 0, what is typed goes there.
 *
 * <p>The Guest frees its buffer by writing a zero into it, and tells nobody. The original does not look, and a quick typist overwrites himself; here
 * input waits until there is room.
 */
@Component
public final class ClassicConsole implements DeviceModel {
    private static final DeviceType TYPE = new DeviceType(1, "console");
    private static final int KEY = 0;

    @Override
    public DeviceType type() { return TYPE; }

    @Override
    public boolean serves(Generation generation) { return generation.bus().classic(); }

    @Override
    public String usualBackend() { return "hub:"; }

    @Override
    public Shape shape(Backend backend) { return new Shape(new int[0], 0, new byte[0]); }

    @Override
    public void service(Guest guest, DeviceState device, int queue, Backend backend) {
        ConsoleBackend terminal = (ConsoleBackend) backend;
        DmaList sent = DmaMessages.sent(guest, KEY);
        if (sent != null) print(guest, device, terminal, sent);
        if (!guest.dead()) type(guest, device, terminal);
    }

    private static void print(Guest guest, DeviceState device, ConsoleBackend terminal, DmaList sent) {
        byte[] text = sent.gather(guest.memory());
        terminal.write(text, 0, text.length);
        DmaMessages.taken(guest, device, sent, text.length);
    }

    /** What was typed waits in the device's state for a buffer, since a backend cannot take it back. */
    private static void type(Guest guest, DeviceState device, ConsoleBackend terminal) {
        synchronized (device) {
            if (device.undelivered.length == 0) device.undelivered = read(terminal);
            if (device.undelivered.length == 0) return;
            DmaList buffer = DmaMessages.buffer(guest, KEY);
            if (buffer == null) return;
            byte[] typed = device.undelivered;
            int given = buffer.scatter(guest.memory(), typed, 0, typed.length);
            device.undelivered = java.util.Arrays.copyOfRange(typed, given, typed.length);
            DmaMessages.filled(guest, device, buffer, given);
            guest.control().comeBack(); // there may be more, and the backend speaks up only when it was empty
        }
    }

    private static byte[] read(ConsoleBackend terminal) {
        byte[] typed = new byte[256];
        int count = terminal.read(typed, 0, typed.length);
        return java.util.Arrays.copyOf(typed, count);
    }
}
