package org.lguest.hypercalls;

import java.util.List;
import org.lguest.api.Guest;
import org.lguest.api.abi.Hypercall;
import org.lguest.api.abi.KillText;
import org.lguest.api.part.Host;
import org.lguest.api.part.HypercallFamily;
import org.lguest.api.part.Parts;
import org.lguest.api.state.DeviceState;
import org.lguest.api.state.VirtqueueState;
import org.osgi.service.component.annotations.Component;

/**
 * H:460 NOTIFY, the only word that drivers have: an address, and what lies there says what is meant (ABI section 11.5).
 *
 * <p>The address of a device's descriptor: its status has changed. A ring: look at this queue. Anything else in memory is
 * a text to print, because a kernel wants to complain before it has a console.
 */
@Component
public final class IoCalls implements HypercallFamily {
    /** More than any early console sends at once; keeps a text without an end from taking all of memory. */
    static final int LONGEST_TEXT = 4096;

    @Override
    public Hypercall.Family family() { return Hypercall.Family.IO; }

    @Override
    public void perform(Guest guest, Parts parts, Hypercall call, int a1, int a2, int a3, int a4) {
        if (call == Hypercall.NOTIFY) notify(guest, parts.host(), Integer.toUnsignedLong(a1));
        else Misdirected.kill(guest, this, call);
    }

    private static void notify(Guest guest, Host host, long address) {
        List<DeviceState> devices = guest.devicePage().devices();
        for (int i = 0; i < devices.size(); i++)
            if (meant(guest, host, devices.get(i), address)) return;
        if (guest.memory().contains(address, 1)) host.earlyConsole(guest, guest.memory().string(address, LONGEST_TEXT));
        else guest.kill("Bad NOTIFY " + KillText.hex((int) address));
    }

    /** Rings are told by their page: kernels before 2.6.31 name no more than that. */
    private static boolean meant(Guest guest, Host host, DeviceState device, long address) {
        if (address == device.descriptor) {
            host.statusChanged(guest, device);
            return true;
        }
        List<VirtqueueState> queues = device.queues;
        for (int i = 0; i < queues.size(); i++)
            if (address >>> 12 == queues.get(i).ring >>> 12) {
                host.kick(guest, device, i);
                return true;
            }
        return false;
    }
}
