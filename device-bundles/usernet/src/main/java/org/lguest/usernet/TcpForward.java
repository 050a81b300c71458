package org.lguest.usernet;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A TCP port of the Host that leads to the guest. */
final class TcpForward implements HostLoop.Handler {
    private static final int AT_ONCE = 16;
    private static final long PAUSE = 1_000_000_000L;

    private final UserNet net;
    private final Settings.Forward forward;
    private final ServerSocketChannel listener;
    private final SelectionKey selection;
    private final Timers.Timer pause;

    TcpForward(UserNet net, Settings.Forward forward) throws IOException {
        this.net = net;
        this.forward = forward;
        listener = ServerSocketChannel.open(StandardProtocolFamily.INET);
        try {
            listener.bind(new InetSocketAddress(forward.host(), forward.hostPort()));
            selection = net.loop().watch(listener, SelectionKey.OP_ACCEPT, this);
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        pause = net.timers().timer(() -> net.loop().interest(selection, SelectionKey.OP_ACCEPT));
    }

    @Override
    public void ready(int ops) {
        try {
            SocketChannel channel;
            for (int i = 0; i < AT_ONCE && (channel = listener.accept()) != null; i++) net.tcp().call(forward, channel);
        } catch (IOException e) { // no more files, as a rule: who waits there would be found again at once
            net.trouble("forward " + forward, e);
            net.loop().interest(selection, 0);
            pause.in(PAUSE);
        }
    }

    void close() {
        pause.forget();
        net.close(listener);
    }
}
