package org.lguest.netbackends;

import org.lguest.api.part.NetBackend;

/** A backend in front of another, which does what that one does unless it says otherwise. */
abstract class InFront implements NetBackend {
    final NetBackend behind;

    InFront(NetBackend behind) { this.behind = behind; }

    @Override
    public long offloads() { return behind.offloads(); }

    @Override
    public byte[] mac() { return behind.mac(); }

    @Override
    public boolean send(byte[] packet, int length) { return behind.send(packet, length); }

    @Override
    public int receive(byte[] to) { return behind.receive(to); }

    @Override
    public void onReady(Runnable wake) { behind.onReady(wake); }

    @Override
    public byte[] handOver() { return behind.handOver(); }

    @Override
    public void takeOver(byte[] state) { behind.takeOver(state); }

    @Override
    public void close() { behind.close(); }
}
