package org.lguest.device.console;

import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.abi.Virtio;
import org.lguest.api.part.Backend;
import org.lguest.api.part.ConsoleBackend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.state.DeviceState;
import org.lguest.virtio.Chain;
import org.lguest.virtio.Virtqueue;
import org.osgi.service.component.annotations.Component;

/**
 * D:220 The virtio console: queue 0 carries what is typed, queue 1 what is printed (ABI section 11.8).
 *
 * <p>A Linux guest prints by adding one buffer, kicking, and then spinning until the used ring shows it; so output is given
 * back as soon as the backend has taken it. Input waits for both a buffer of the guest's and a byte from the backend.
 *
 * <p>The configuration has the size of the screen, always that of this moment. The lguest bus has no interrupt that tells of a change, so a
 * guest learns it when it looks: Linux 2.6.28 to 2.6.34 do when the console is opened, later ones wait for the interrupt.
 */
@Component
public final class ConsoleDevice implements DeviceModel {
    private static final int INPUT = 0, OUTPUT = 1;
    private static final int MOST = 4096;
    private static final int CONFIG_BYTES = 4, ROWS_AT = 2;

    @Override
    public DeviceType type() { return DeviceType.CONSOLE; }

    @Override
    public String usualBackend() { return "hub:"; }

    @Override
    public Shape shape(Backend backend) {
        return new Shape(new int[] {Virtio.QUEUE_SIZE, Virtio.QUEUE_SIZE}, 1L << Virtio.CONSOLE_F_SIZE, new byte[CONFIG_BYTES]);
    }

    @Override
    public void service(Guest guest, DeviceState device, int queue, Backend backend) {
        var q = new Virtqueue(guest, device, queue);
        if (queue == INPUT) tellSize(guest, device, ((ConsoleBackend) backend).size());
        if (queue == OUTPUT) output(guest, q, (ConsoleBackend) backend);
        else if (queue == INPUT) input(guest, device, q, (ConsoleBackend) backend);
    }

    /** Devices with tagged descriptors, and those of an earlier version of this model, have no room for it. */
    private static void tellSize(Guest guest, DeviceState device, ConsoleBackend.Size size) {
        if (device.configBytes < CONFIG_BYTES) return;
        guest.memory().store16(device.config, size.columns());
        guest.memory().store16(device.config + ROWS_AT, size.rows());
    }

    private static void output(Guest guest, Virtqueue q, ConsoleBackend console) {
        byte[] buffer = new byte[MOST];
        for (Chain c; (c = q.next()) != null;) {
            for (long at = 0; at < c.readable(); at += MOST) {
                int n = (int) Math.min(MOST, c.readable() - at);
                c.read(at, buffer, 0, n);
                console.write(buffer, 0, n);
            }
            guest.counters().deviceBytes.add(c.readable());
            q.used(c, 0);
            q.interrupt();
        }
    }

    /** What was read and found no buffer stays in the device's state, for whoever serves it next. */
    private static void input(Guest guest, DeviceState device, Virtqueue q, ConsoleBackend console) {
        while (q.waiting()) {
            synchronized (device) {
                if (device.undelivered.length == 0) device.undelivered = read(console);
                if (device.undelivered.length == 0) break;
                Chain c = q.next();
                if (c == null) return;
                int n = (int) Math.min(device.undelivered.length, c.writable());
                c.write(0, device.undelivered, 0, n);
                device.undelivered = java.util.Arrays.copyOfRange(device.undelivered, n, device.undelivered.length);
                guest.counters().deviceBytes.add(n);
                q.used(c, n);
            }
        }
        q.interrupt();
    }

    private static byte[] read(ConsoleBackend console) {
        byte[] buffer = new byte[MOST];
        int n = console.read(buffer, 0, buffer.length);
        return java.util.Arrays.copyOf(buffer, n);
    }
}
