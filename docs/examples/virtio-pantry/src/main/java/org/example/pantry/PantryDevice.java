package org.example.pantry;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.DeviceModel;
import org.lguest.api.state.DeviceState;
import org.lguest.virtio.Chain;
import org.lguest.virtio.Virtqueue;
import org.osgi.service.component.annotations.Component;

/** A pantry: the guest puts jars of bytes into it, and gets them back by name. */
@Component
public final class PantryDevice implements DeviceModel {
    private static final DeviceType PANTRY = new DeviceType(200, "pantry");
    private static final int SHELVES = 2;
    private static final int HEAD = 2, LONGEST = 4096;
    private static final byte[] DONE = {0}, NO_SUCH_JAR = {1}, NO_ROOM = {2}, WHAT = {3}; // how an answer begins

    @Override
    public DeviceType type() { return PANTRY; }

    @Override
    public Shape shape(Backend backend) { return new Shape(new int[] {16}, 0, new byte[] {SHELVES, 0, 0, 0}); }

    @Override
    public void adopt(Guest guest) { guest.devicePage().devices().forEach(d -> introduce(guest, d)); }

    private static void introduce(Guest guest, DeviceState device) {
        if (device.type.equals(PANTRY)) guest.memory().store32(device.config, SHELVES);
    }

    @Override
    public void service(Guest guest, DeviceState device, int queue, Backend backend) {
        Virtqueue q = new Virtqueue(guest, device, queue);
        for (Chain c; (c = q.next()) != null;) {
            byte[] answer = answer(device, c);
            int n = (int) Math.min(answer.length, c.writable());
            c.write(0, answer, 0, n);
            q.used(c, n);
        }
        q.interrupt();
    }

    private static byte[] answer(DeviceState device, Chain c) {
        if (c.readable() < HEAD || c.readable() > LONGEST) return WHAT;
        byte[] request = new byte[(int) c.readable()];
        c.read(0, request, 0, request.length);
        int label = HEAD + (request[1] & 0xFF);
        if (label > request.length) return WHAT;
        String name = new String(request, HEAD, label - HEAD, StandardCharsets.ISO_8859_1);
        Jars jars = Jars.of(device);
        return switch (request[0]) {
            case 'p' -> put(jars, name, Arrays.copyOfRange(request, label, request.length));
            case 'g' -> get(jars, name);
            default -> WHAT;
        };
    }

    private static byte[] put(Jars jars, String name, byte[] content) {
        if (jars.get(name) == null && jars.count() >= SHELVES) return NO_ROOM;
        jars.put(name, content);
        return DONE;
    }

    private static byte[] get(Jars jars, String name) {
        byte[] content = jars.get(name);
        if (content == null) return NO_SUCH_JAR;
        byte[] answer = new byte[1 + content.length];
        System.arraycopy(content, 0, answer, 1, content.length);
        return answer;
    }
}
