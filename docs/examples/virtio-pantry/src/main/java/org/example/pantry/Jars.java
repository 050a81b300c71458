package org.example.pantry;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import org.lguest.api.state.DeviceState;

/** What stands on the shelves of one pantry. It is kept in the device's state, as bytes, so that it outlives this class. */
final class Jars {
    private final DeviceState device;
    private final Map<String, byte[]> jars = new TreeMap<>();

    private Jars(DeviceState device) { this.device = device; }

    static Jars of(DeviceState device) {
        Jars jars = new Jars(device);
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(device.kept))) {
            while (in.available() > 0) jars.jars.put(in.readUTF(), in.readNBytes(in.readInt()));
            return jars;
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nobody writes there but we
        }
    }

    int count() { return jars.size(); }

    byte[] get(String name) { return jars.get(name); }

    void put(String name, byte[] content) {
        jars.put(name, content);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> jar : jars.entrySet()) {
                out.writeUTF(jar.getKey());
                out.writeInt(jar.getValue().length);
                out.write(jar.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not to memory
        }
        device.kept = bytes.toByteArray();
    }
}
