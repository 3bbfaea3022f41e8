def change_home_address() -> str:
    """The customer wants the default address of the account changed.

    Use when: the customer moved, or wants the default address in the profile or account changed, not one order's.
    Rules: 1
    Example: I moved last month, please update the address in my profile
    Example: Set my default address to the one I gave you
    Example: we are relocating to Denver, so change where I live in your system
    Example: put the new flat into my user profile as the main address
    Example: I need to edit the address in my user profile
    Example: please store my new street as the default for every order from now on
    Example: Could you save another home address for me
    Example: We bought a house! Please make it the address on my account
    Example: My account still has my college dorm as address, please put my new flat there
    Example: new adress for my profile pls
    Example: Not the order, the account: my default address is wrong
    Example: No open order, I'd just like my customer profile to carry the new address
    Example: Can you change my standard delivery address? I keep having to correct it each time I order
    Example: I haven't lived on Pine Street since spring, please update your files
    Example: Every time I shop the old street comes up. Change the default
    Example: Good morning, due to a change of residence I would like my user data to show my new address. Thank you.
    Example: moved. update account.
    Example: The house number in my profile should be 12a
    Example: From next month I'll be living in Portland, so save that as my main address
    Example: make the address I gave you the primary one for my account
    Example: After the divorce I moved out; my account needs my own address now
    Example: set Tulip Lane 8 as home address for all that I order in the future
    Example: Please overwrite the saved address, it belongs to my last apartment
    Example: my parents' house isn't my home anymore, change that in the account settings for me
    Example: I can't find where to edit my default address on your site, do it for me please
    Example: Our street got a new name, so the address stored in my account has to be changed
    Example: update where i live
    Example: For future orders I want the office to be the default address
    Example: You keep old data on me: I left that building years ago. Correct the address in my record!
    Example: Would you mind registering my new permanent address
    Example: Change user address, unit 5B not 5D
    Example: My firm sent me abroad and now I'm back home; please restore my Seattle address as the account's default
    Example: What is shipped already may go to the old flat, but note the new address in my profile
    Example: my postcode changed, adjust the profile
    Example: Is it you who can change the address in my account? It's been wrong ever since I registered
    Example: The default adress is missing my apartment number, add it once and for all
    Example: I'm a student and move every year lol, here we go again: new account address
    Example: My wife and I are in our new home since Sunday. Kindly amend the address that you have stored for me.
    Example: home address on my account: 77 Birch Ave, replace the one you have
    Example: please fix the address under my name in your database
    Example: I'd like all later parcels to go to my new home automatically, so change my default
    Example: Hey, moving on the 1st! can you put the new address in my user account already?
    Example: The main address in my customer account is my ex's. Replace it by mine
    Example: Replace my profile address. The current order doesn't matter, it has the right one
    Example: there's a typo in the street name in my profile
    Example: I retired to the lake house for good, so that should be my residence in your system
    Example: Put my new street into the account before I order again
    Example: wanna change the address saved in my account
    Example: My address of record with you is outdated, please bring it up to date
    Example: I never lived in Ohio. Why is it in my profile? Correct that
    Example: As I now live with my son, his house is to be my default address from here on
    Example: my registered address should be the one I just typed in
    Example: Please switch my account over to the new house, we got the keys today
    Example: I moved, so take the old address out of my account and put the new one in
    Example: I moved on Monday, just so you have it on file.
    Example: new apt. pls change account address
    Example: We finally closed on our cottage! Could you make it the default on my account?
    Example: Whenever I check out, some street in Ohio pops up where I lived in 2015. Can you swap the stored address for my current one?
    Example: It's my profile that's wrong, none of the orders: I live at number 48, not 84.
    Example: I've left my husband and the flat, so the address in my customer account should be my new one.
    Example: Hello, could you tell me whether you can change my saved home address? Because I need that done.
    Example: Update default addr to 17 Lark Rise, Unit 3
    Example: The retirement home is where I live now. Please enter it as my address in your files.
    Example: My account was opened when I was at boarding school. Time to give it a proper home address.
    Example: pls save 206 Juniper Way as my main adress
    Example: I'd like my permanent address with you amended to 9 Harvest Close
    Example: No delivery pending, nothing urgent, only the default address that I want replaced.
    Example: Got evicted. Living at my cousin's for good, so set that as home on my account.
    Example: Please note for your database that as of 1 May we reside in Lincoln.
    Example: where do i change my home address?? cant find it. do it for me
    Example: My student days are over and so is the dorm. Let the account know I live on Quarry Road now :)
    Example: Swap my account address with the new one, thx
    Example: In my profile you've written Sprngfield. Please add the missing letter to the town.
    Example: For everything that I buy from now on, 5 Meadow Court should be filled in automatically.
    Example: I keep sending parcels to my old house because your site remembers it. Make it remember 71 Poplar Street.
    Example: I've come back from two years in Japan and settled in Seattle. My account still says Osaka, correct that please.
    Example: This isn't about an order. I want the address under my personal details changed.
    Example: relocation! new home = 88 Canyon Dr, put it in the account where the old home is
    Example: Would you kindly register our new dwelling, Rose Cottage, as my standard address?
    Example: The primary address of my account ought to be my workplace, since I'm never in during the day. Every future order goes there.
    Example: change of address form? or can you take it here: I live at 4 Otter Creek now
    Example: My profile still shows the place we rented before the fire. We won't be going back, so store the new house.
    Example: Hi it's me again, moved again, account again please
    Example: Somehow my default address is my mother's. I want mine there: 25 Bay Street.
    Example: Let all my coming purchases be sent to my new flat by default.
    Example: Please put my own address on my account, my ex-girlfriend's is still there
    Example: Customer record: address outdated. Amend, please.
    Example: Just sold the farm and moved into town, and I'd like you to note my new address before I next order something.
    Example: Can't edit the address on the account page, button's greyed out. Set it to 310 Mulberry Ln for me.
    Example: Make my new house my house in your system
    Example: wrong state in my profile. should be NM not NV
    Example: My parcels so far have all gone out fine, but the account's home address is one house off. Make it 31.
    Example: I'm the customer with the ever-changing address lol. Could you set the new default?
    Example: I would like to notify you of my new domicile.
    Example: You keep asking me at checkout if I still live in Dayton. I don't. Change my address for good.
    Example: Since the wedding I live in Tulsa; could you bring my account's address up to date?
    Example: Is it possible to have another address as the standard on my account? The summer place will be our permanent home.
    Example: default adress -> 64 Hickory St
    Example: The orders I've placed may come to the old address, I'm there till Sunday. But change the account, please.
    Example: Nothing wrong with the current shipment. What's wrong is the main address in my account. Fix it?
    Example: Add Apt 9 to my saved address, the couriers never find me. Not for one order, for all of them.
    Example: set my new digs as home addy
    Example: I changed boroughs. Can you change my account too?
    Example: When I registered I mixed up street and town. It has been wrong in my user data since then, so would you mind correcting it?
    Example: The divorce is final, I've a new place, and I don't want any future parcel at the old house. New default address, please.
    Example: Profile: 5 Court Lane. Reality: 5 Count Lane. Please fix the profile.
    Example: Could my P.O. box be the address on file from now on
    Example: We've gone from the third floor to the sixth in the same building, so my account should say 6A
    Example: Address update for my profile: c/o Hartmann, 3 Linden Square
    Example: I'm homeless no more! Please enter my first own address in my account.
    Example: edit home address
    Example: Don't touch the sofa order, it goes where it should. It's the address in my account that I want you to change.
    Example: At checkout my default comes up without the country road number. Please add it permanently: CR 220.
    Example: I'd rather have my parents' address as my main one for the next years, as I'm travelling full time. Set it in my profile please.
    Example: New semester, new dorm. Change it in my account once more pls
    Example: May I ask you to modify the residential address stored under my user id?
    Example: I'm a new homeowner as of today! Let's get rid of the rental address in my account and put the house in.
    Example: hi just want to update my address, no order involved
    Example: I used to live above the bakery, these days I live above the bank. Number 40 instead of 14, would you update that under my details?
    Example: Please change my account so that the next order doesn't go to Fresno again like the last three did. I live in Merced.
    Example: The place on Gull Street is let to tenants now. I'd like it gone as my default, with the Harbor Road house in its stead.
    Example: moved 2 nashville, update my info
    Example: My name stays, my email stays, but where I live has changed. Could you edit that?
    Example: Good evening. I've relocated for work, please amend the address that you hold for me.
    Example: I never noticed that my account address says West instead of East 9th Street. Please turn it into East.
    Example: can u make the cabin the default for all my stuff
    Example: It's no longer 10 Downy Road, it's 20 Downy Road, in my profile I mean
    Example: We downsized! The account needs our new little bungalow's address.
    Example: I want my stored address replaced. Which details do you need from me?
    Example: After my mother's death I've moved into her house, so that's my home address from now on. Could you update my account?
    Example: Put the new home into my settings before Christmas shopping starts, would you?
    Example: Old: 3 Pike St. New: 8 Dove Ct. For the account.
    Example: Is my address change something that you can do on your side? Moving day was yesterday, and it's for the account.
    Example: the flat share broke up and I live alone now at 90 Kent Ave. pls put it into my customer data
    Example: I want it on record that I live in Savannah now
    Example: user profile: street ok, zip not ok. 30318 pls
    Example: The navy moved us again. Would you set San Diego as our address in my account? Thank you, ma'am.
    Example: I do not live at my registered address any more. That's all that needs changing.
    Example: There's a wrong letter in the town in my account data, please correct it
    Example: Everything you send me lands at my former flat, because that's what my profile says. Time to change the profile.
    Example: As I've no fixed desk at the company any more, I want my home rather than the office as the default on my account.
    Example: Kindly update the household address: we built at 1 Prairie View
    Example: new house who dis. change it in the account plz
    Example: In a fortnight we'll be living in Bath, Maine. May I give you the new address for my account already?
    Example: My mum, who used to take my parcels, has moved. Her place shouldn't be my default any more, mine should.
    Example: Change account address. Not the order's. The account's.
    Example: how about you fix my home address in the profile, its been wrong for ages
    Example: Got my green card and a lease! Please change my temporary address in the profile to the real one.
    Example: We had lived in the same house for 31 years, which is why I never needed to touch my account. Now that we've moved into a flat in town, the profile has to follow. The street is 14 Old Mill Lane, the zip I'll look up.
    Example: Every single time I order I forget that your shop still has my college address, and every single time I have to beg you to redirect. Let's end this today: there's nothing on order, just change what's saved in my account.
    Example: Hello dear team, I separated from my wife in March and rent my own place now. She still lives in the old house and gets all my catalogues and parcels. Would you please store my new address as mine?
    Example: I'm a travelling nurse and I'm on a new contract every six months. From today it's Albuquerque, so this should be the address that pops up at checkout. The parcels I ordered in May have come, so there's nothing else to do.
    Example: hey so funny thing, i signed up years ago with my nan's address cause mum was not to know what i buy. im 26 now with my own flat. could u change it on my account
    Example: After the earthquake the authorities have closed our building for good, and it's clear that we won't return. We've signed a lease at 52 Hope Street. Would you please make this the home address for our account?
    Example: I bought a sofa from you and it arrived where it should, thanks to the courier's phone call. But your records have our house number wrong, it's 3B. I'd like that corrected in my profile so it doesn't happen with the next purchase.
    Example: You asked me to check my details for the new year, so I did: name right, email right, home address wrong. I left Grove Street last autumn. It's 230 Bishop Road nowadays, please put that in.
    Example: My husband retired from the army last week and we're finally settling down, in Pensacola. Don't worry about the blender, it's been redirected already. All I need from you is that the account knows our new home.
    Example: Being a sailor, I've always had my sister's address in your system. I've come ashore now and bought a place at 1 Anchor Court. Please swap hers for mine as the default, in my own account of course.
    Example: new home address pls
    Example: Moved. Profile update, please.
    Example: fix my saved address
    Example: we moved, note it please
    Example: account adress change
    Example: my profile needs the new street
    Example: Ohio is home now, change it for me
    Example: my home address changed
    >>> change_home_address()
    'change home address'
    """
    return "change home address"
