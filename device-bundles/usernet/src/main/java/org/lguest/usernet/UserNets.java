package org.lguest.usernet;

import java.io.IOException;
import java.nio.file.Path;
import org.lguest.api.Guest;
import org.lguest.api.abi.DeviceType;
import org.lguest.api.part.Backend;
import org.lguest.api.part.BackendProvider;
import org.osgi.service.component.annotations.Component;

/**
 * D:560 {@code user:[OPTION,...]}: a network that asks nobody for permission.
 *
 * <p>A network card wants to be plugged into something. Bridges and tap devices need rights that an ordinary user has not. But
 * an ordinary user may open sockets, and that is enough: behind this card sits a small network of one wire with a gateway, a
 * name server and a DHCP server, and all three are us. When the guest opens a TCP connection to somewhere, it really opens
 * it to us: we shake its hand, open a socket to where it wanted to go, and carry bytes between the two. What leaves the Host
 * was sent by the Host's own TCP, from the Host's own address, with the rights of whoever started the guest.
 *
 * <p>So there are two TCP connections where the guest believes in one, and a TCP of our own in between ({@link TcpConnection},
 * {@link TcpSender}, {@link TcpReceiver}), which has an easy life: its wire loses nothing, overtakes nothing, and takes
 * segments of 64 KiB without checksums. It is a whole TCP all the same, because guests may do as they please. UDP is simpler
 * ({@link UdpFlow}), echo requests are simpler still ({@link Icmp}), and names are asked of the Host's resolver ({@link Dns}).
 *
 * <p>Follow a packet: {@link UserNet#send} has it on the queue's thread, {@link Ip} takes it apart, and before {@code send}
 * returns its bytes are in the Host's socket. The way back begins in {@link HostLoop}, the only thread of our own, and ends
 * when the guest has room: {@link UserNet#receive} makes a packet then, not before.
 *
 * <p>When this bundle is replaced, connections break: a socket cannot be handed to other code. What can be handed on is the
 * knowledge of them, and the successor's first act is to reset each, so that no program in the guest waits for an answer that
 * will never come. Address, lease and card stay as they are.
 */
@Component
public final class UserNets implements BackendProvider {
    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");

    @Override
    public DeviceType type() { return DeviceType.NET; }

    @Override
    public String scheme() { return "user"; }

    @Override
    public Backend open(Guest guest, String rest) throws IOException {
        return new UserNet(guest.toString(), Settings.parse(rest), new HostOutside(RESOLV_CONF), new UserNet.Owner() {
            @Override
            public void lost() { guest.counters().framesDropped.increment(); }

            @Override
            public void failed(String reason) { guest.kill(reason); }
        });
    }
}
