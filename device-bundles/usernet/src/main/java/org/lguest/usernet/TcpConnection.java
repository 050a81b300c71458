package org.lguest.usernet;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * A TCP connection with two halves: to the guest we are the peer that it wanted (or that called it, through a forward), to
 * the Host we are a socket. Bytes, ends and resets of one half become those of the other; an end is passed on when all
 * before it has been, so half-closed connections work. What one side does not take, the other is not let send.
 *
 * <p>Life towards the guest (RFC 9293 section 3.3.2; the closing states are the two ends' flags):
 * <pre>
 *   guest's SYN -> CONNECTING -> SYN_RECEIVED -> OPEN -> LINGERING (TIME-WAIT) -> gone
 *   forward     -> SYN_SENT   ------------------^
 * </pre>
 */
final class TcpConnection implements HostLoop.Handler {
    private enum State { CONNECTING, SYN_SENT, SYN_RECEIVED, OPEN, LINGERING, GONE }

    private static final long LINGER = 5_000_000_000L;

    private final UserNet net;
    private final Tcp.Key key;
    private final int reserved;
    private final TcpSender sender;
    private final TcpReceiver receiver;
    private final Timers.Timer retransmission, acknowledgment;
    private SocketChannel channel;
    private SelectionKey selection;
    private State state = State.CONNECTING;
    private int guestScale;
    private boolean scaled, synDue;
    private boolean hostEnded, guestEnded, passedEnd, weEndedFirst;
    /** Whether it stands in the line of those who may have something for the guest. */
    boolean queued;

    /** @param reserved bytes of memory that each direction may use */
    TcpConnection(UserNet net, Tcp.Key key, int first, int reserved) {
        this.net = net;
        this.key = key;
        this.reserved = reserved;
        retransmission = net.timers().timer(this::timeout);
        acknowledgment = net.timers().timer(this::acknowledge);
        sender = new TcpSender(first, new ByteRing(reserved), retransmission);
        receiver = new TcpReceiver(new ByteRing(reserved), acknowledgment);
    }

    Tcp.Key key() { return key; }

    int reserved() { return reserved; }

    boolean lingering() { return state == State.LINGERING; }

    /** Whether the guest takes it for open. */
    boolean known() { return state == State.SYN_RECEIVED || state == State.OPEN; }

    /** The numbers that the guest expects next of us, when it has taken all that was sent, and we of it. */
    int promised() { return sender.max(); }

    int expected() { return receiver.next(); }

    /** The guest calls. */
    void called(TcpSegment syn) { hear(syn); }

    /** The Host's socket is on its way. */
    void connecting(SocketChannel channel, InetSocketAddress to) throws IOException {
        own(channel);
        boolean already = channel.connect(to);
        selection = net.loop().watch(channel, already ? 0 : SelectionKey.OP_CONNECT, this);
        if (already) connected();
    }

    /** Somebody came through a forward: the guest is called. */
    void calling(SocketChannel channel) throws IOException {
        state = State.SYN_SENT;
        own(channel);
        selection = net.loop().watch(channel, 0, this);
        scaled = true;
        synDue = true;
        net.tcp().offer(this);
    }

    /** The guest decides when to send; whether the peer still lives only the Host can find out. */
    private void own(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    }

    private void hear(TcpSegment syn) {
        scaled = syn.scale >= 0;
        guestScale = Math.max(0, syn.scale);
        sender.open(syn.mss);
        receiver.open(syn.seq, scaled ? TcpReceiver.SCALE : 0, syn.mss);
    }

    private void connected() {
        state = State.SYN_RECEIVED;
        net.loop().interest(selection, 0);
        synDue = true;
        net.tcp().offer(this);
    }

    // ---- the Host's half

    @Override
    public void ready(int ops) {
        if (state == State.GONE) return;
        if (state == State.CONNECTING) {
            finishConnect();
            return;
        }
        if ((ops & SelectionKey.OP_WRITE) != 0) drain();
        if ((ops & SelectionKey.OP_READ) != 0 && state != State.GONE) fill();
    }

    private void finishConnect() {
        try {
            if (channel.finishConnect()) connected();
        } catch (IOException e) {
            refused(e);
        }
    }

    /** The Host cannot connect: the guest is told as its peer would. */
    void refused(IOException e) {
        net.trouble("connecting to " + key, e);
        int code = Tcp.unreachable(e);
        if (code >= 0) net.tcp().unreachable(code, key, receiver.next() - 1);
        else net.tcp().reset(key, 0, receiver.next(), TcpSegment.RST | TcpSegment.ACK);
        gone();
    }

    private void interest(int bit, boolean on) {
        if (!selection.isValid()) return;
        int ops = selection.interestOps();
        net.loop().interest(selection, on ? ops | bit : ops & ~bit);
    }

    /** Takes from the Host what there is room for. */
    private void fill() {
        if (hostEnded || state != State.OPEN) return;
        try {
            boolean more = true;
            while (more && sender.bytes.free() > 0) {
                int n = sender.bytes.read(channel);
                if (n < 0) hostEnded();
                more = n > 0;
            }
            interest(SelectionKey.OP_READ, !hostEnded && sender.bytes.free() > 0);
            net.tcp().offer(this);
        } catch (IOException e) {
            broken(e);
        }
    }

    private void hostEnded() {
        hostEnded = true;
        weEndedFirst = !guestEnded;
        sender.end();
    }

    /** Gives the Host what waits for it, and then the guest's end. */
    private void drain() {
        try {
            ByteRing bytes = receiver.bytes;
            int n = 1;
            while (n > 0 && bytes.size() > 0) n = bytes.write(channel);
            interest(SelectionKey.OP_WRITE, bytes.size() > 0);
            if (bytes.size() == 0 && guestEnded && !passedEnd) {
                passedEnd = true;
                channel.shutdownOutput();
                finish();
            }
            receiver.drained();
            if (receiver.due()) net.tcp().offer(this);
        } catch (IOException e) {
            broken(e);
        }
    }

    /** The Host's side was reset: so is the guest's. */
    private void broken(IOException e) {
        net.trouble("connection " + key, e);
        net.tcp().reset(key, sender.next(), receiver.next(), TcpSegment.RST | TcpSegment.ACK);
        gone();
    }

    // ---- the guest's half

    /** A segment from the guest (RFC 9293 section 3.10.7). */
    void input(TcpSegment s) {
        switch (state) {
            case CONNECTING -> {
                if (s.has(TcpSegment.RST)) abort();
            }
            case SYN_SENT -> answered(s);
            case SYN_RECEIVED, OPEN, LINGERING -> received(s);
            case GONE -> { }
        }
        if (state != State.GONE && receiver.due()) net.tcp().offer(this);
    }

    /** RFC 9293 section 3.10.7.3. */
    private void answered(TcpSegment s) {
        if (!s.has(TcpSegment.ACK) || s.ack != sender.max()) {
            if (!s.has(TcpSegment.RST)) net.tcp().reset(key, s.ack, 0, TcpSegment.RST);
        } else if (s.has(TcpSegment.RST)) {
            abort();
        } else if (s.has(TcpSegment.SYN)) {
            hear(s);
            receiver.acknowledge();
            open(s, 0);
        }
    }

    private void open(TcpSegment s, int scale) {
        state = State.OPEN;
        sender.opened(s, scale, Timers.now());
        fill();
    }

    /** RFC 9293 section 3.10.7.4, RFC 5961 sections 3 and 4. */
    private void received(TcpSegment s) {
        if (!receiver.acceptable(s)) {
            if (s.has(TcpSegment.RST)) return;
            if (state == State.SYN_RECEIVED && s.has(TcpSegment.SYN)) {
                synDue = true; // ours was lost
                net.tcp().offer(this);
            } else {
                receiver.acknowledge();
            }
        } else if (s.has(TcpSegment.RST)) {
            if (s.seq == receiver.next()) abort();
            else receiver.acknowledge();
        } else if (s.has(TcpSegment.SYN)) {
            receiver.acknowledge();
        } else if (s.has(TcpSegment.ACK) && acknowledged(s)) {
            take(s);
        }
    }

    private boolean acknowledged(TcpSegment s) {
        if (state == State.SYN_RECEIVED) {
            if (s.ack != sender.max()) {
                net.tcp().reset(key, s.ack, 0, TcpSegment.RST);
                return false;
            }
            open(s, guestScale);
            return state == State.OPEN;
        }
        if (state == State.LINGERING) return true;
        if (!sender.acknowledge(s, (long) s.window << guestScale, Timers.now())) {
            receiver.acknowledge();
            return false;
        }
        if (sender.endAcknowledged()) finish();
        else if (state == State.OPEN) refill();
        return state != State.GONE;
    }

    /** There may be room again for the Host's bytes, and the guest's window may have opened. */
    private void refill() {
        if (!hostEnded && sender.bytes.free() >= sender.bytes.limit() / 4 && (selection.interestOps() & SelectionKey.OP_READ) == 0) fill();
        else net.tcp().offer(this);
    }

    /** Data and end. */
    private void take(TcpSegment s) {
        receiver.trim(s);
        if (s.length == 0 && !s.has(TcpSegment.FIN)) return;
        if (s.seq != receiver.next() || state == State.LINGERING) {
            receiver.acknowledge(); // a hole: say what is missing (RFC 5681 section 4.2); or the end once more
            return;
        }
        if (s.length > 0 && !guestEnded && !pass(s)) return;
        if (s.has(TcpSegment.FIN) && !guestEnded) {
            guestEnded = true;
            receiver.tookEnd();
            drain();
        }
    }

    /** Hands the data on: to the Host if it takes it, else it waits here. */
    private boolean pass(TcpSegment s) {
        try {
            int n = 0;
            if (receiver.bytes.size() == 0) n = channel.write(ByteBuffer.wrap(s.packet, s.data, s.length));
            if (n < s.length) {
                receiver.bytes.put(s.packet, s.data + n, s.length - n);
                interest(SelectionKey.OP_WRITE, true);
            }
            receiver.took(s.length);
            return true;
        } catch (IOException e) {
            broken(e);
            return false;
        }
    }

    /** When both ends have been passed on and acknowledged, only late segments can come. */
    private void finish() {
        if (!passedEnd || !sender.endAcknowledged() || state != State.OPEN) return;
        if (!weEndedFirst) {
            gone();
            return;
        }
        state = State.LINGERING;
        retransmission.in(LINGER);
        net.close(channel);
        net.tcp().lingers(this);
        sender.bytes.clear();
        receiver.bytes.clear();
    }

    // ---- time

    private void timeout() {
        if (state == State.LINGERING) {
            gone();
        } else if (!sender.timeout()) {
            net.tcp().reset(key, sender.next(), receiver.next(), TcpSegment.RST | TcpSegment.ACK);
            abort();
        } else {
            if (state != State.OPEN) synDue = true;
            net.tcp().offer(this);
        }
    }

    private void acknowledge() {
        receiver.acknowledge();
        net.tcp().offer(this);
    }

    /** A card is known for the guest's address. */
    void neighbourCame() {
        synDue |= state == State.SYN_SENT;
        net.tcp().offer(this);
    }

    // ---- packets for the guest

    /** Makes the next segment. @return its length, 0 when there is none to be sent now */
    int output(byte[] to) {
        if (state == State.GONE) return 0;
        byte[] card = net.arp().card(key.guest());
        if (card == null) {
            net.arp().ask(key.guest());
            synDue = false;
            if (state == State.SYN_SENT) sender.synSent();
            return 0;
        }
        if (synDue) return syn(to, card);
        if (state == State.OPEN && sender.plan()) return segment(to, card);
        if (!receiver.due()) return 0;
        int ack = receiver.told();
        return write(to, card, sender.next(), ack, TcpSegment.ACK, 0, 0);
    }

    private int syn(byte[] to, byte[] card) {
        synDue = false;
        int o = Ip.PAYLOAD + TcpSegment.HEADER;
        Bytes.put32(to, o, 2 << 24 | 4 << 16 | Ip.MTU - 40);
        Bytes.put32(to, o + 4, 1 << 24 | 3 << 16 | 3 << 8 | TcpReceiver.SCALE);
        sender.synSent();
        boolean answer = state == State.SYN_RECEIVED;
        return TcpSegment.write(to, card, key.peer(), key.peerPort(), key.guest(), key.guestPort(), sender.first(), answer ? receiver.told() : 0,
            answer ? TcpSegment.SYN | TcpSegment.ACK : TcpSegment.SYN, answer ? receiver.window(true) : 65_535, scaled ? 8 : 4, 0, 1);
    }

    private int segment(byte[] to, byte[] card) {
        int seq = sender.next(), data = sender.data;
        int flags = TcpSegment.ACK | (sender.fin ? TcpSegment.FIN : 0);
        sender.sent(to, Ip.PAYLOAD + TcpSegment.HEADER, Timers.now());
        if (sender.bytes.size() == sender.next() - seq) flags |= TcpSegment.PSH;
        int ack = receiver.told();
        return write(to, card, seq, ack, flags, data, sender.mss());
    }

    private int write(byte[] to, byte[] card, int seq, int ack, int flags, int data, int cut) {
        return TcpSegment.write(to, card, key.peer(), key.peerPort(), key.guest(), key.guestPort(), seq, ack, flags, receiver.window(false), 0, data, cut);
    }

    // ---- the end

    /** The guest has reset: the Host's side is reset, too. */
    private void abort() {
        if (channel != null && channel.isOpen() && state != State.CONNECTING) {
            try {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                net.trouble("resetting " + key, e);
            }
        }
        gone();
    }

    /** Resets the Host's side: the network ends. */
    void drop() { abort(); }

    private void gone() {
        if (state == State.GONE) return;
        state = State.GONE;
        retransmission.forget();
        acknowledgment.forget();
        if (channel != null) net.close(channel);
        net.tcp().gone(this);
    }
}
